"""How many there are: accounts to persons, lists that overlap, lists whose links are not all right.

from lvshu.statistics import population

lists = population.lists_from_counts(("LA", "NG", "PF"), patterns, counts)
found = population.search(lists, criterion="bic")          # hierarchical log-linear models, stepwise
population.bootstrap(lists, 1000, generator)               # interval with the choice of the model in it
"""

from lvshu.statistics.population.existence import Existence, check_existence
from lvshu.statistics.population.from_book import linkage_error_of_book
from lvshu.statistics.population.heterogeneity import heterogeneity_model
from lvshu.statistics.population.intervals import (
    PopulationInterval,
    average_models,
    bootstrap,
    profile_interval,
)
from lvshu.statistics.population.link_rates import linkage_error_of_rates
from lvshu.statistics.population.linkage import (
    LinkageError,
    corrected_overlap,
    fit_with_linkage_error,
    transition_matrix,
)
from lvshu.statistics.population.lists import Lists, lists_from_counts, lists_from_records
from lvshu.statistics.population.loglinear import LogLinear, fit_model
from lvshu.statistics.population.multiplicity import listed_multiplicity, multiplicity
from lvshu.statistics.population.search import all_models, search
from lvshu.statistics.population.strata import sum_of_strata

__all__ = [
    "Existence",
    "LinkageError",
    "Lists",
    "LogLinear",
    "PopulationInterval",
    "all_models",
    "average_models",
    "bootstrap",
    "check_existence",
    "corrected_overlap",
    "fit_model",
    "fit_with_linkage_error",
    "heterogeneity_model",
    "linkage_error_of_book",
    "linkage_error_of_rates",
    "listed_multiplicity",
    "lists_from_counts",
    "lists_from_records",
    "multiplicity",
    "profile_interval",
    "search",
    "sum_of_strata",
    "transition_matrix",
]
