"""The calendar of the People's Republic of China: Spring Festival, official holidays, working days."""
