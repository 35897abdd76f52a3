"""The kernel of multi-regional accounts: it chooses how to solve, and never forms the inverse unless asked."""

from lvshu.accounts.methods.kernel.changed import ChangedKernel, changed
from lvshu.accounts.methods.kernel.model import Economy, Kernel
from lvshu.accounts.methods.kernel.routes import Route, Solved

__all__ = ["ChangedKernel", "Economy", "Kernel", "Route", "Solved", "changed"]
