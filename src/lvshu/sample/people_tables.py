"""The labour survey, its re-interviews and platform work records, and true numbers of workers, in one pass."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from lvshu.sample.arrow import choice, fixed_point, to_units
from lvshu.sample.context import City, spoilt
from lvshu.sample.files import TableWriter, write_rows
from lvshu.sample.people import (
    EMPLOYEE,
    FORMS,
    OWN_ACCOUNT,
    PART_TIME,
    PLATFORM,
    REFERENCE_MONTH,
    People,
    Places,
    draw_people,
    draw_places,
    draw_work,
    expected_records,
    people_blocks,
    person_hashes,
)

ACTIVITIES = (
    "delivery", "ride_hailing", "courier", "domestic_service", "live_streaming", "designated_driving", "freight",
    "repair",
)  # fmt: skip
PERSONS_PER_CLUSTER = 20
SILENT_MAIN, SILENT_SECOND = 0.20, 0.45  # who do not tell the interviewer of platform work
WRONG_MARK = 0.04  # persons whose identity number the interviewer wrote down wrongly: a link that is missed
CALLED_EMPLOYEE, CALLED_PART_TIME = (
    0.06,
    0.01,
)  # own-account workers told as employees, employees as part time
REINTERVIEWED = {
    "other_not_linked": 400
}  # persons visited again by kind; of the rare kinds REINTERVIEWED_RARE
REINTERVIEWED_RARE = 80
INSURED, INSURED_TWICE = (
    0.7,
    0.1,
)  # platform workers of the month insured against injury, and by a second platform
REGISTERED, SECOND_BUSINESS = (
    0.6,
    0.05,
)  # own-account workers with a registered business, and with a second one
WORK_PLATFORMS = 12
ADULT = 16


@dataclass
class WorkTruth:
    """True numbers of persons, counted over all residents."""

    residents: int = 0
    adults: int = 0
    employed: int = 0
    forms: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FORMS, 0))
    platform_main: int = 0
    platform_second_in_month: int = 0
    platform_in_month: int = 0
    platform_in_year: int = 0
    flexible: int = 0
    flexible_main_job: int = 0
    work_records: int = 0
    injury_insured_in_month: int = 0
    self_employed_registered: int = 0
    in_any_register: int = 0

    def add(self, people: People) -> None:
        """Add a block of residents."""
        month = people.active[:, REFERENCE_MONTH - 1]
        self.residents += len(people.number)
        self.adults += int((people.age >= ADULT).sum())
        self.employed += int(people.employed.sum())
        for place, form in enumerate(FORMS):
            self.forms[form] += int((people.form == place).sum())
        self.platform_main += int((people.form == PLATFORM).sum())
        self.platform_second_in_month += int((month & (people.form != PLATFORM)).sum())
        self.platform_in_month += int(month.sum())
        self.platform_in_year += int(people.active.any(axis=1).sum())
        self.flexible += int(people.flexible().sum())
        self.flexible_main_job += int(np.isin(people.form, [OWN_ACCOUNT, PART_TIME, PLATFORM]).sum())


def write_people(city: City, platform_codes: list[str]) -> WorkTruth:
    """Write labour_survey, labour_reinterview, platform_work_record and two more registers; return the truth.

    Args:
        city: the city.
        platform_codes: credit codes of the platforms that have workers.
    """
    weights = np.array([city.anchors[f"residents_2020_{code}"] for code in city.register.districts])
    places = draw_places(city.plan, city.streams, weights)
    sampled = _sample_clusters(city, places)
    truth = WorkTruth()
    spread = expected_records(city.plan)
    survey: list[list[object]] = []
    again = Reinterviews()
    months = [f"{city.year}-{month:02d}" for month in range(1, 13)]
    with (
        city.large("platform_work_record") as writer,
        city.large("injury_insurance_record") as insurance,
        city.large("self_employment_record") as businesses,
    ):
        for block, start, stop in people_blocks(places):
            people = draw_people(block, start, stop, places, city.streams)
            truth.add(people)
            work = draw_work(
                block, people, places, city.streams,
                platforms=len(platform_codes), activities=len(ACTIVITIES), spread=spread,
            )  # fmt: skip
            hashes = _spoil_hashes(city, block, work.hashes)
            writer.write(
                {
                    "platform_uscc": choice(platform_codes, work.platform),
                    "worker_hash": choice(hashes, work.worker),
                    "month": choice(months, work.month),
                    "orders": pa.array(work.orders),
                    "hours": fixed_point(to_units(work.hours, 1), 1, precision=24),
                    "district_code": choice(city.register.districts, work.district),
                    "activity_kind": choice(ACTIVITIES, work.activity),
                }
            )
            _write_registers(city, block, people, platform_codes, insurance, businesses, truth)
            listed = set(work.hashes) & set(hashes)
            survey += _interviews(city, block, people, places, sampled, again, listed)
        truth.work_records = writer.rows
        city.wrote("platform_work_record", writer.rows)
        city.wrote("injury_insurance_record", insurance.rows)
        city.wrote("self_employment_record", businesses.rows)
    _write_survey(city, survey)
    again.write(city)
    return truth


def _write_registers(
    city: City, block: int, people: People, platform_codes: list[str], insurance: TableWriter,
    businesses: TableWriter, truth: WorkTruth,
) -> None:  # fmt: skip
    """Write the block's rows of both registers: injury insurance in the survey's month, and operators' businesses."""
    random = city.streams.generator("registers", block)
    size = len(people.number)
    active = people.active[:, REFERENCE_MONTH - 1]
    insured = active & (random.random(size) < INSURED)
    own = (people.form == OWN_ACCOUNT) & (random.random(size) < REGISTERED)
    twice, more = random.random(size) < INSURED_TWICE, random.random(size) < SECOND_BUSINESS
    first = random.integers(0, len(platform_codes), size)
    rows = np.flatnonzero(insured)
    rows = np.concatenate([rows, rows[twice[rows]]])
    platform = first[rows]
    platform[int(insured.sum()) :] = (platform[int(insured.sum()) :] + 1) % len(platform_codes)
    insurance.write(
        {
            "platform_uscc": choice(platform_codes, platform),
            "person_hash": pa.array(person_hashes(people.number[rows])),
            "month": pa.array([f"{city.year}-{REFERENCE_MONTH:02d}"] * len(rows)),
        }
    )
    shops = np.flatnonzero(own)
    shops = np.concatenate([shops, shops[more[shops]]])
    years = random.integers(1, 12, len(shops))
    businesses.write(
        {
            "registration_number": pa.array(
                [f"SE{block:05d}{at:07d}" for at in range(len(shops))], type=pa.string()
            ),
            "person_hash": pa.array(person_hashes(people.number[shops]), type=pa.string()),
            "registered_on": pa.array([f"{city.year - int(age)}-03-15" for age in years], type=pa.string()),
            "employees": pa.array(np.zeros(len(shops), dtype=np.int64)),
        }
    )
    truth.injury_insured_in_month += int(insured.sum())
    truth.self_employed_registered += int(own.sum())
    truth.in_any_register += int((active | own).sum())


def _spoil_hashes(city: City, block: int, hashes: list[str]) -> list[str]:
    """Return the marks with a few cut short, as a careless export does."""
    random = city.streams.generator("dirt.platform_work_record", block)
    result = list(hashes)
    for at in spoilt(random, np.ones(len(hashes), dtype=bool), 0.0005):
        result[at] = hashes[at][:60]
        city.dirt.add("platform_work_record", result[at], "wrong_hash", hashes[at])
    return result


def _sample_clusters(city: City, places: Places) -> dict[int, tuple[float, int]]:
    """Return the sampled clusters: number -> (clusters of the district per sampled one, persons to ask)."""
    random = city.streams.generator("survey.cluster")
    wanted = max(48, city.plan.survey_persons // PERSONS_PER_CLUSTER)
    counts = np.bincount(places.district, minlength=len(city.register.districts))
    chosen: dict[int, tuple[float, int]] = {}
    for district, count in enumerate(counts.tolist()):
        take = min(count, max(3, round(wanted * count / len(places))))
        members = np.flatnonzero(places.district == district)
        for cluster in np.sort(random.choice(members, size=take, replace=False)).tolist():
            people = int(places.residents_of(np.array([cluster]))[0])
            chosen[cluster] = (count / take, min(people, PERSONS_PER_CLUSTER))
    return chosen


def _interviews(
    city: City,
    block: int,
    people: People,
    places: Places,
    sampled: dict[int, tuple[float, int]],
    again: Reinterviews,
    listed: set[str],
) -> list[list[object]]:
    """Return the interviews with the block's residents.

    A cluster's persons are chosen by a random order of the cluster's own, so that a cluster cut by two blocks is
    sampled as one.
    """
    rows: list[list[object]] = []
    first = int(people.number[0])
    for cluster in range(int(people.cluster[0]), int(people.cluster[-1]) + 1):
        if cluster not in sampled:
            continue
        factor, persons = sampled[cluster]
        size = int(places.residents_of(np.array([cluster]))[0])
        random = city.streams.generator("survey.person", cluster)
        chosen = np.sort(random.permutation(size)[:persons])
        silent = random.random(size)
        wrong = city.streams.generator("survey.wrong", cluster).random((size, 2))
        for place in chosen.tolist():
            at = cluster * places.size + place - first
            if 0 <= at < len(people.number) and people.age[at] >= ADULT:
                weight = factor * size / persons
                row = _interview(city, people, at, cluster, places, weight, silent[place], wrong[place])
                again.add(city, row, people, at, listed)
                rows.append(row)
    return rows


def _interview(
    city: City,
    people: People,
    at: int,
    cluster: int,
    places: Places,
    weight: float,
    silent: float,
    wrong: np.ndarray,
) -> list[object]:
    form = int(people.form[at])
    main = form == PLATFORM and silent >= SILENT_MAIN
    told = OWN_ACCOUNT if form == PLATFORM and not main else form
    if form == OWN_ACCOUNT and wrong[1] < CALLED_EMPLOYEE:
        told = EMPLOYEE
    elif form == EMPLOYEE and wrong[1] < CALLED_PART_TIME:
        told = PART_TIME
    second = form != PLATFORM and bool(people.active[at, REFERENCE_MONTH - 1]) and silent >= SILENT_SECOND
    district = city.register.districts[int(places.district[cluster])]
    mark = person_hashes(people.number[at : at + 1])[0]
    if wrong[0] < WRONG_MARK:
        true, mark = mark, hashlib.sha256(f"{mark}|wrong".encode()).hexdigest()
        city.dirt.add("labour_survey", mark, "wrong_person", true)
    return [
        mark,
        f"{city.year}-{REFERENCE_MONTH:02d}",
        district,
        f"C{cluster:06d}",
        f"{weight:.6f}",
        "true" if form >= 0 else "false",
        FORMS[told] if form >= 0 else None,
        "true" if main else "false",
        "true" if second else "false",
        f"{people.hours[at]:.1f}",
        district,
        int(people.age[at]),
        "male" if people.male[at] else "female",
    ]


@dataclass
class Reinterviews:
    """What a second visit to every interviewed person would find; a part of them is drawn and written.

    rows: by what was stated, the row of labour_reinterview without its stratum.
    """

    rows: dict[str, list[list[object]]] = field(default_factory=dict)

    def add(self, city: City, row: list[object], people: People, at: int, listed: set[str]) -> None:
        """Add an interviewed person.

        Args:
            city: the city.
            row: the interview, as in labour_survey.
            people: the block.
            at: place of the person in it.
            listed: marks of persons in the platforms' records of the block, those cut short left out.
        """
        form = int(people.form[at])
        works = bool(people.active[at, REFERENCE_MONTH - 1])
        true = person_hashes(people.number[at : at + 1])[0]
        inside = works and true in listed
        flexible = row[6] in ("own_account", "part_time", "platform") or row[7] == "true" or row[8] == "true"
        linked = inside and row[0] == true
        kind = f"{'flexible' if flexible else 'other'}_{'linked' if linked else 'not_linked'}"
        self.rows.setdefault(kind, []).append([
            row[0], row[1], "true" if form >= 0 else "false", FORMS[form] if form >= 0 else None,
            "true" if form == PLATFORM else "false", "true" if works and form != PLATFORM else "false",
            "true" if inside else "false", f"{city.year}-12-10",
        ])  # fmt: skip

    def write(self, city: City) -> None:
        """Write labour_reinterview: some of each kind, all where there are few."""
        made: list[list[object]] = []
        for kind, rows in sorted(self.rows.items()):
            random = city.streams.generator(f"survey.reinterview.{kind}")
            wanted = max(REINTERVIEWED.get(kind, REINTERVIEWED_RARE), len(rows) // 20)
            chosen = np.sort(random.permutation(len(rows))[:wanted])
            made += [[*rows[at][:2], kind, len(rows), *rows[at][2:]] for at in chosen.tolist()]
        made.sort(key=lambda row: str(row[0]))
        city.wrote(
            "labour_reinterview",
            write_rows(city.inputs / "labour_reinterview.csv", REINTERVIEW_COLUMNS, made),
        )


REINTERVIEW_COLUMNS = (
    "person_hash", "month", "stratum", "stratum_persons", "employed", "employment_form", "main_job_platform",
    "second_job_platform", "in_platform_register", "reinterviewed_on",
)  # fmt: skip
SURVEY_COLUMNS = (
    "person_hash",
    "month",
    "stratum",
    "cluster",
    "weight",
    "employed",
    "employment_form",
    "main_job_platform",
    "second_job_platform",
    "hours",
    "district_code",
    "age",
    "sex",
)


def _write_survey(city: City, rows: list[list[object]]) -> None:
    write_rows(city.inputs / "labour_survey.csv", SURVEY_COLUMNS, rows)
    city.wrote("labour_survey", len(rows))
