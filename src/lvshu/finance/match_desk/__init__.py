"""Reviews of matches: what waits, the file out and back in, the log of answers, weights fitted to them.

Answers live in `desk/desk.sqlite` of the workspace, which is only added to. What runs use is
`inputs/match_review.desk.csv`, and the packs `name_match_weights` and `name_match_calibration` of the workspace.
"""
