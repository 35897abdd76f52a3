"""Big data and a sample together: what neither says alone, with errors.

from lvshu.statistics import integration

integration.data_defect(sample, y, in_register, ...)         # how much a register of millions really knows
integration.integrated_total(sample, y, in_register, ...)    # Kim and Tam: register plus sample
integration.mass_imputation(sample, x_sample, x_big, y_big)  # y only in the big data
integration.doubly_robust(sample, x_sample, x_big, y_big)    # model of y and of who is in the big data
"""

from lvshu.statistics.integration.big_data import DataDefect, data_defect, effective_size, integrated_total
from lvshu.statistics.integration.bootstrap import bootstrap_both
from lvshu.statistics.integration.doubly_robust import doubly_robust
from lvshu.statistics.integration.mass_imputation import mass_imputation
from lvshu.statistics.integration.propensity import Propensity, inverse_propensity, propensity

__all__ = [
    "DataDefect",
    "Propensity",
    "bootstrap_both",
    "data_defect",
    "doubly_robust",
    "effective_size",
    "integrated_total",
    "inverse_propensity",
    "mass_imputation",
    "propensity",
]
