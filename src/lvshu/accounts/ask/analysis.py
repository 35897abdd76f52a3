"""Accounts of a system: multipliers, footprints, production and consumption accounts, trade; made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ask import errors
from lvshu.accounts.ask.final_words import find_final
from lvshu.accounts.ask.selection import Stressors, choose
from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.methods.kernel import accounts as method
from lvshu.accounts.methods.kernel.model import Kernel
from lvshu.accounts.methods.kernel.replicates import footprint_replicates
from lvshu.accounts.methods.kernel.responsibility import income_based
from lvshu.accounts.methods.leontief import LeontiefModel, input_coefficients, leontief_model
from lvshu.core.errors import MethodError, Problem
from lvshu.core.origin import Origin

Array = NDArray[np.float64]
Words = str | Sequence[str] | None

GROUPINGS: dict[str, tuple[str, str]] = {
    "region": ("按消费地区", "by consuming region"),
    "sector": ("按消费地区与产品", "by consuming region and product"),
    "category": ("按最终使用类别", "by kind of final demand"),
    "product": ("按最终产品及其产地", "by final product and its origin"),
    "emitter": ("按排放部门", "by emitting sector"),
}


class Accounts:
    """What can be asked of a system of n sectors in r regions with c columns of final demand.

    Every answer is a `Result` with labels, units, method and origin. The economy is solved once, by the route that
    the questions call for (`accounts.kernel.record` tells which); the inverse is formed by `inverse` only.
    """

    def __init__(self, system: InputOutputSystem) -> None:
        self.system = system

    @cached_property
    def kernel(self) -> Kernel:
        """Return the solver of this system's economy."""
        system = self.system
        return Kernel(
            system.intermediate_use, system.output, self.region_of_sector, names=names_of(system.industries)
        )

    @cached_property
    def leontief(self) -> LeontiefModel:
        """Return the factorised economy that the structural measures ask, shape (n, n)."""
        use = self.system.intermediate_use
        dense = use.toarray() if isinstance(use, sparse.csr_array) else np.asarray(use)
        return leontief_model(input_coefficients(dense, self.system.output, names_of(self.system.industries)))

    @cached_property
    def region_of_sector(self) -> NDArray[np.int64]:
        """Return the region of each sector, shape (n,), as its place in `regions`."""
        return self._codes(self.system.industries)

    @cached_property
    def region_of_demand(self) -> NDArray[np.int64]:
        """Return the region of each column of final demand, shape (c,), as its place in `regions`."""
        return self._codes(self.system.final)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Return the regions that produce or consume, r names."""
        return tuple(dict.fromkeys((*self.system.regions, *self.system.final.names("region"))))

    def _codes(self, index: Index) -> NDArray[np.int64]:
        place = {name: code for code, name in enumerate(self.regions)}
        return np.array([place[name] for name in index.level("region")], dtype=np.int64)

    @cached_property
    def _sectors(self) -> NDArray[np.int64]:
        return self.system.industries.codes("sector")

    @cached_property
    def _consumption(self) -> Index:
        return Index.of(("region",), self.regions)

    # -- coefficients ---------------------------------------------------------------------------

    def coefficients(self) -> Result:
        """Return the input coefficients A, shape (n, n), money per money."""
        identity = np.eye(len(self.system.industries))
        values = self.kernel.right(identity)
        return self._square("coefficients", ("直接消耗系数", "Input coefficients"), values)

    def inverse(self) -> Result:
        """Return the Leontief inverse L, shape (n, n), money per money; nothing else needs it."""
        return self._square("inverse", ("列昂惕夫逆矩阵", "Leontief inverse"), self.kernel.inverse())

    def _square(self, name: str, title: tuple[str, str], values: Array) -> Result:
        industries = self.system.industries
        return Result(
            name, title, industries, industries, values, ("1",), "accounts.kernel", (self.system.origin,)
        )

    # -- stressors ------------------------------------------------------------------------------

    def stressors(self, words: Words = None) -> Stressors:
        """Return the stressors that words mean: an extension, a stressor, a pattern; None for all."""
        return choose(self.system, words)

    def intensities(self, words: Words = None) -> Result:
        """Return direct intensities S, shape (m, n), unit of the stressor per unit of money."""
        chosen = self.stressors(words)
        return self._of_industries("intensities", ("直接强度", "Direct intensities"), chosen,
                                   self._intensity(chosen), per_money=True)  # fmt: skip

    def multipliers(self, words: Words = None) -> Result:
        """Return total intensities M = S L, shape (m, n), unit of the stressor per unit of money."""
        chosen = self.stressors(words)
        return self._of_industries("multipliers", ("完全强度", "Total intensities"), chosen,
                                   self.kernel.multipliers(self._intensity(chosen)), per_money=True)  # fmt: skip

    def _intensity(self, chosen: Stressors) -> Array:
        return method.stressor_intensity(chosen.flows, self.system.output, names_of(self.system.industries))

    # -- footprints -----------------------------------------------------------------------------

    def footprint(
        self,
        words: Words = None,
        *,
        by: str = "region",
        region: str = "",
        final: str = "",
        table_error: float = 0.0,
    ) -> Result:
        """Return what final demand causes.

        Args:
            words: stressors, m of them.
            by: what the figures stand for: "region" of consumption, (m, r); "sector": consuming region and product,
                (m, r t); "category" of final demand, (m, c); final "product" and its origin, (m, n); "emitter": the
                sector that emits, (m, n). All but region and category leave out what final demand itself emits (told).
            region: only the final demand of this region.
            final: only this kind of final demand, e.g. "government" or "Shanghai/government".
            table_error: relative standard error of every cell of intermediate use, without unit; it reaches footprints
                by region and by category. Standard errors of a stressor are carried where all its flows state theirs.

        Raises:
            MethodError: accounts.no_such_grouping, accounts.no_such_label, accounts.no_such_stressor.
        """
        if by not in GROUPINGS:
            raise MethodError(
                Problem("accounts.no_such_grouping", values={"by": by, "known": list(GROUPINGS)})
            )
        chosen = self.stressors(words)
        columns = self.demand_columns(region, final)
        title = (f"足迹（{GROUPINGS[by][0]}）", f"Footprint {GROUPINGS[by][1]}")
        makers: dict[str, Callable[[Stressors, NDArray[np.int64]], tuple[Index, Array]]] = {
            "region": self._by_region, "sector": self._by_sector, "category": self._by_category,
            "product": self._by_product, "emitter": self._by_emitter,
        }  # fmt: skip
        index, values = makers[by](chosen, columns)
        result = self._result("footprint", title, chosen, index, values)
        households = float(np.abs(chosen.final_flows[:, columns]).sum())
        if by in ("sector", "product", "emitter") and households:
            note = ("不含最终使用自身的直接排放（如居民用能）。",
                    "Without what final demand itself emits (households burning fuel).")  # fmt: skip
            result = replace(result, notes=(*result.notes, note))
        if not errors.is_wanted(chosen, table_error):
            return result
        return errors.with_errors(
            result, chosen, self.system, self.kernel, columns=columns, regions=self.region_of_demand[columns], by=by,
            table_error=table_error,
        )  # fmt: skip

    def footprint_replicates(
        self, words: Words, replicates: Array, *, region: str = "", final: str = ""
    ) -> Array:
        """Return the footprint of every replicate of one stressor's flows, for one factorisation.

        Args:
            words: the stressor whose flows are replaced.
            replicates: its flows, shape (b, n), in its unit.
            region: only the final demand of this region.
            final: only this kind of final demand.

        Returns:
            Footprints by column of final demand chosen, shape (b, c), with what final demand itself emits.
        """
        chosen = self.stressors(words)
        self.one(chosen)
        columns = self.demand_columns(region, final)
        intensities = method.stressor_intensity(
            replicates, self.system.output, names_of(self.system.industries)
        )
        found = footprint_replicates(self.kernel, intensities, self._demand(columns))
        return np.asarray(found + chosen.final_flows[0, columns])

    def demand_columns(self, region: str = "", final: str = "") -> NDArray[np.int64]:
        """Return the places of the columns of final demand of a region and kind; all where both are empty."""
        chosen = np.arange(len(self.system.final))
        if region:
            chosen = np.intersect1d(chosen, self.system.final.find(region))
        if final:
            chosen = np.intersect1d(chosen, find_final(self.system.final, final))
        if not chosen.size:
            raise MethodError(Problem("accounts.no_such_label", values={
                "label": f"{region}/{final}", "near": list(self.system.final.names("category"))[:8]}))  # fmt: skip
        return chosen

    def _demand(self, columns: NDArray[np.int64]) -> Array:
        return np.asarray(self.system.final_demand[:, columns], dtype=np.float64)

    def _by_region(self, chosen: Stressors, columns: NDArray[np.int64]) -> tuple[Index, Array]:
        codes = self.region_of_demand[columns]
        demand = method.demand_by_region(self._demand(columns), codes, len(self.regions))
        own = chosen.final_flows[:, columns] @ method.one_hot(codes, len(self.regions))
        kept = np.unique(codes)
        values = self.kernel.multipliers(self._intensity(chosen)) @ demand + own
        return Index.of(("region",), [self.regions[code] for code in kept]), values[:, kept]

    def _by_sector(self, chosen: Stressors, columns: NDArray[np.int64]) -> tuple[Index, Array]:
        codes = self.region_of_demand[columns]
        kept = np.unique(codes)
        demand = method.demand_by_region(self._demand(columns), codes, len(self.regions))[:, kept]
        multipliers = self.kernel.multipliers(self._intensity(chosen))
        found = method.consumption_by_sector(multipliers, demand, self._sectors)
        regions = [self.regions[code] for code in kept]
        index = Index.product(("region", "sector"), regions, self.system.sectors)
        return index, found.reshape(len(found), -1)

    def _by_category(self, chosen: Stressors, columns: NDArray[np.int64]) -> tuple[Index, Array]:
        multipliers = self.kernel.multipliers(self._intensity(chosen))
        index = Index.of(self.system.final.levels, [self.system.final.labels[place] for place in columns])
        return index, multipliers @ self._demand(columns) + chosen.final_flows[:, columns]

    def _by_product(self, chosen: Stressors, columns: NDArray[np.int64]) -> tuple[Index, Array]:
        multipliers = self.kernel.multipliers(self._intensity(chosen))
        return self.system.industries, multipliers * self._demand(columns).sum(axis=1)

    def _by_emitter(self, chosen: Stressors, columns: NDArray[np.int64]) -> tuple[Index, Array]:
        needed = self.kernel.required_output(self._demand(columns).sum(axis=1))
        return self.system.industries, self._intensity(chosen) * needed

    # -- accounts of regions ----------------------------------------------------------------------

    def production(self, words: Words = None) -> Result:
        """Return production-based accounts, S x and what final demand itself emits, shape (m, r)."""
        chosen = self.stressors(words)
        by_region = chosen.flows @ method.one_hot(self.region_of_sector, len(self.regions))
        own = chosen.final_flows @ method.one_hot(self.region_of_demand, len(self.regions))
        title = ("生产侧账户", "Production-based accounts")
        return self._result("production", title, chosen, self._consumption, by_region + own)

    def consumption(self, words: Words = None) -> Result:
        """Return consumption-based accounts, M Y and what final demand itself emits, shape (m, r)."""
        return replace(
            self.footprint(words), name="consumption", title=("消费侧账户", "Consumption-based accounts")
        )

    def exports(self, words: Words = None) -> Result:
        """Return what a region emits for the final demand of others, shape (m, r)."""
        return self._traded("exports", ("出口隐含", "Embodied in exports"), words)

    def imports(self, words: Words = None) -> Result:
        """Return what others emit for a region's final demand, shape (m, r)."""
        return self._traded("imports", ("进口隐含", "Embodied in imports"), words)

    def balance(self, words: Words = None) -> Result:
        """Return what is embodied in exports less imports, shape (m, r): production less consumption."""
        exports, imports = self.exports(words), self.imports(words)
        title = ("贸易隐含的净出口", "Net exports embodied in trade")
        return replace(exports, name="balance", title=title, values=exports.values - imports.values)

    def _traded(self, name: str, title: tuple[str, str], words: Words) -> Result:
        chosen, found = self._regional(words)
        values = found.exports_by_region if name == "exports" else found.imports_by_region
        return self._result(name, title, chosen, self._consumption, values)

    def _regional(self, words: Words) -> tuple[Stressors, method.RegionalAccounts]:
        chosen = self.stressors(words)
        found = method.regional_accounts(
            self.kernel, self._intensity(chosen), self.system.final_demand, blocks=self.region_of_sector,
            demand_blocks=self.region_of_demand, direct=chosen.final_flows, output=self.system.output,
        )  # fmt: skip
        return chosen, found

    def income(self, words: Words = None) -> Result:
        """Return what the primary inputs of each sector enable downstream (income-based), shape (m, n)."""
        chosen = self.stressors(words)
        values = income_based(self.kernel, self._intensity(chosen), self._primary)
        title = ("收入侧（初始投入所促成）", "Income-based (enabled by primary inputs)")
        return self._result("income", title, chosen, self.system.industries, values)

    @cached_property
    def _primary(self) -> Array:
        """Primary inputs: output less all intermediate inputs, shape (n,)."""
        inputs = self.kernel.left(np.ones((1, len(self.system.industries))))[0]
        return np.asarray((1.0 - inputs) * self.system.output)

    def bilateral(self, words: Words = None) -> Result:
        """Return the emission in each producing region for each consuming region, shape (r, r), of one stressor.

        Raises:
            MethodError: accounts.one_stressor_wanted.
        """
        chosen, found = self._regional(words)
        self.one(chosen)
        name = " / ".join(chosen.index.labels[0])
        title = (f"双边隐含流量：{name}", f"Bilateral embodied flows: {name}")
        producing = Index.of(("region",), self.regions)
        return Result("bilateral", title, producing, self._consumption, found.bilateral[0], chosen.units,
                      "accounts.regional_accounts", self.origins(chosen), notes=self._notes, is_flow=True)  # fmt: skip

    def flows(self, words: Words = None, *, region: str = "", final: str = "") -> Result:
        """Return emission by emitting sector and kind of final demand, shape (n, c), of one stressor.

        Raises:
            MethodError: accounts.one_stressor_wanted.
        """
        chosen = self.stressors(words)
        self.one(chosen)
        columns = self.demand_columns(region, final)
        values = self._intensity(chosen)[0][:, None] * self.kernel.required_output(self._demand(columns))
        index = Index.of(self.system.final.levels, [self.system.final.labels[place] for place in columns])
        name = " / ".join(chosen.index.labels[0])
        title = (f"从排放部门到最终使用：{name}", f"From emitting sector to final demand: {name}")
        return Result("flows", title, self.system.industries, index, values, chosen.units,
                      "accounts.regional_accounts", self.origins(chosen), notes=self._notes, is_flow=True)  # fmt: skip

    def one(self, chosen: Stressors) -> None:
        """Refuse a choice of several stressors: accounts.one_stressor_wanted."""
        if len(chosen.index) != 1:
            names = [" / ".join(label) for label in chosen.index.labels[:8]]
            values = {"count": len(chosen.index), "names": names}
            raise MethodError(Problem("accounts.one_stressor_wanted", values=values))

    # -- making results ---------------------------------------------------------------------------

    def _of_industries(
        self, name: str, title: tuple[str, str], chosen: Stressors, values: Array, *, per_money: bool
    ) -> Result:
        result = self._result(name, title, chosen, self.system.industries, values)
        units = tuple(f"{unit}/{self.system.money_unit}" for unit in chosen.units)
        return replace(result, units=units) if per_money else result

    @cached_property
    def _notes(self) -> tuple[tuple[str, str], ...]:
        """What every result has to say: the reader's notes, and by how much the table does not balance."""
        system = self.system
        used = self.kernel.right(system.output[:, None])[:, 0] + system.final_demand.sum(axis=1)
        size = float(np.abs(system.output).max(initial=0.0)) or 1.0
        gap = float(np.abs(used - system.output).max(initial=0.0)) / size
        if gap <= method.OUTPUT_GAP_TOLD:
            return system.notes
        problem = Problem("accounts.kernel_output_gap", values={"relative": gap}, severity="warning")
        return (*system.notes, (problem.what("zh"), problem.what("en")))

    def _result(
        self, name: str, title: tuple[str, str], chosen: Stressors, columns: Index, values: Array
    ) -> Result:
        notes = self._notes
        return Result(name, title, chosen.index, columns, values, chosen.units, "accounts.regional_accounts",
                      self.origins(chosen), notes=notes)  # fmt: skip

    def origins(self, chosen: Stressors) -> tuple[Origin, ...]:
        """Return where a choice of stressors and the table itself come from."""
        known = (self.system.origin, *chosen.origin)
        return tuple(origin for origin in dict.fromkeys(known) if any(origin.as_dict().values()))
