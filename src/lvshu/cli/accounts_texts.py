"""What `lvshu accounts` and `lvshu get` say, in Chinese and English."""

from __future__ import annotations

ACCOUNTS_TEXTS: dict[str, tuple[str, str]] = {
    "accounts": (
        "对一张表、一个数据库或一本账本直接提问：足迹、清单、分解、路径、价格、循环。",
        "Ask a table, a database or a book: footprints, inventories, decomposition, paths, prices, circularity.",
    ),
    "get": (
        "下载一个公开数据集（先显示网址、许可与校验和）；不下载就不联网。",
        "Fetch a public data set (address, licence and checksum are shown first); nothing else asks the network.",
    ),
    "get.dataset": ("数据集编号；不给则列出全部。", "Id of the data set; none lists them all."),
    "get.to": ("放到哪个文件夹（默认当前文件夹）。", "Folder to put it in (the present one by default)."),
    "get.yes": ("不再询问，直接下载。", "Fetch without asking."),
    "accounts.footprint": (
        "足迹与各种账户：消费侧、生产侧、进出口隐含、双边、收入侧。",
        "Footprints and accounts: consumption, production, embodied in trade, bilateral, income-based.",
    ),
    "accounts.multipliers": (
        "每单位最终产品的完全强度。",
        "Total intensity of one unit of each final product.",
    ),
    "accounts.inventory": (
        "由能源平衡表得到二氧化碳清单：部门法、参考法、两法之差、GPC 表。",
        "CO2 inventory of an energy balance: sectoral, reference, the gap between them, GPC table.",
    ),
    "accounts.decompose": (
        "两期之间的变化：结构分解（两张表）或 LMDI、Kaya（一张因素表）。"
        "LMDI 表的列：period、category（可无），其余每列一个因素；Kaya 表的列：period、population（人）、sector、"
        "value_added（元）、fuel、energy（吨标准煤）、carbon（吨二氧化碳），单位写在表头，如 energy (tce)。",
        "Change between two years: structural decomposition (two tables), or LMDI and Kaya (one table of factors). "
        "Columns for LMDI: period, category (optional), and one for each factor; for Kaya: period, "
        "population (person), sector, value_added (CNY), fuel, energy (tce), carbon (tCO2), units in the heading.",
    ),
    "accounts.paths": (
        "结构路径：排放沿哪些供应链而来，一条不漏。",
        "Structural paths: along which supply chains emissions come; none above the cut is lost.",
    ),
    "accounts.extract": (
        "假设提取：没有某部门，产出和排放少多少（一次算完所有部门）。",
        "Hypothetical extraction: what is lost without a sector, for all sectors at once.",
    ),
    "accounts.linkages": (
        "前向、后向关联与关键部门。",
        "Backward and forward linkages, and key sectors.",
    ),
    "accounts.balance": (
        "检查一张表是否平衡；给出边际（--margins）则用 GRAS/KRAS 平衡它。",
        "Check whether a table balances; with --margins, balance it by GRAS or KRAS.",
    ),
    "accounts.circular": (
        "循环经济：指标、断点、回收情景、存量、废弃物、循环指数。",
        "Circularity: indicators, breaks of the loop, what-if, stocks, waste, cycling.",
    ),
    "accounts.price": (
        "价格模型：碳价如何传到产品与居民。",
        "Price model: how a carbon price reaches products and households.",
    ),
    "accounts.compile": (
        "由供给表、使用表编制投入产出表（模型 A–D）。",
        "Make an input-output table of supply and use (models A to D).",
    ),
    "accounts.aggregate": (
        "按对应表汇总部门或地区。",
        "Aggregate sectors or regions by a bridge.",
    ),
    "accounts.convert": (
        "另存为 lvshu 或 pymrio 的格式。",
        "Save in the format of lvshu or of pymrio.",
    ),
    "accounts.balanced": ("这张表平衡，没有发现问题。", "The table balances; nothing is wrong with it."),
    "accounts.sums_checked": (
        "核对了 {count} 项合计与平衡，{wrong} 项不平衡；最大差额 {difference} {unit}（{check}，{name}）。",
        "{count} sums were checked, {wrong} do not hold; the greatest difference is {difference} {unit} "
        "({check}, {name}).",
    ),
    "accounts.sums.check": ("核对", "Check"),
    "accounts.sums.name": ("行或列", "Row or column"),
    "accounts.sums.stated": ("表中", "Stated"),
    "accounts.sums.computed": ("各项之和", "Of its parts"),
    "accounts.sums.difference": ("差额", "Difference"),
    "accounts.option.level": ("汇总部门还是地区。", "Aggregate sectors or regions."),
    "accounts.option.driven_by": ("序列是流入还是存量。", "What the series is: inflow or stock."),
    "accounts.option.replicates": (
        "用多少次重复抽样得到标准误。",
        "Number of replicates for standard errors.",
    ),
    "accounts.needs": ("要给什么", "What it needs"),
    "accounts.formats": ("列出读得懂的格式。", "List the formats that can be read."),
    "accounts.option.source": (
        "公布的表、数据库（zip 或文件夹）、存好的系统，或工作区。",
        "A published table, a database (zip or folder), a saved system, or a workspace.",
    ),
    "accounts.option.second": ("较晚一年的同样的表。", "The same table of a later year."),
    "accounts.option.what": ("哪一种循环账户。", "Which circularity account."),
    "accounts.option.stressor": (
        "项目：排放、能源、材料……可用通配符，可多次给出；value_added 为增加值。",
        "Stressor: emissions, energy, materials …; patterns work, may be repeated; value_added is one too.",
    ),
    "accounts.option.account": ("哪种账户。", "Which account."),
    "accounts.option.by": ("按什么列出。", "What the figures stand for."),
    "accounts.option.region": ("只看某个地区。", "Of one region only."),
    "accounts.option.final": (
        "只看某类最终使用，用代码或名称，如“政府消费”（government）或“地区/类别”。",
        "Of one kind of final demand, by code or name, such as “government” or “region/category”.",
    ),
    "accounts.option.sector": (
        "部门，可多次给出，如“上海/建筑”。",
        "A sector, such as “Shanghai/construction”; may be repeated.",
    ),
    "accounts.option.emissions": (
        "各部门排放的长表（项目、部门、数值、单位），补在没有排放的表上。",
        "Long table of emissions by sector (stressor, sector, value, unit), for a table that has none.",
    ),
    "accounts.option.form": (
        "文件格式（默认自动识别；lvshu accounts formats 列出）。",
        "Format of the files (found out by default; `lvshu accounts formats` lists them).",
    ),
    "accounts.option.year": ("年份（表中没有写明时）。", "Year, where the table does not state it."),
    "accounts.option.area": (
        "六位地区代码（表中没有写明时）。",
        "Six-digit area code, where the table does not state it.",
    ),
    "accounts.option.unit": (
        "单位（表中没有写明时），如 万元。",
        "Unit, where the table does not state it, such as “1e4 CNY”.",
    ),
    "accounts.option.to": (
        "写到文件：.html（图与表）、.xlsx、.csv、.json、.parquet；可多次给出。",
        "Write to a file: .html (chart and table), .xlsx, .csv, .json, .parquet; may be repeated.",
    ),
    "accounts.option.folder": ("把得到的表存到这个文件夹。", "Save the resulting table in this folder."),
    "accounts.option.top": ("屏幕上显示多少行。", "How many rows to show on the screen."),
    "accounts.option.cut": ("路径的截断：占足迹的份额。", "Cut of the paths, as a share of the footprint."),
    "accounts.option.depth": ("路径最长几步（默认不限）。", "Longest path, in steps (no limit by default)."),
    "accounts.option.way": (
        "提取什么：全部、只提取投入、只提取供给。",
        "What is taken out: all of it, its inputs only, its deliveries only.",
    ),
    "accounts.option.method": ("分解方法。", "Method of decomposition."),
    "accounts.option.detail": ("分解到哪一层。", "How far the terms are split."),
    "accounts.option.kind": ("清单的方法。", "Method of the inventory."),
    "accounts.option.bunkers": ("含不含国际燃料舱。", "With or without international bunkers."),
    "accounts.option.factors": ("排放因子的参数包。", "Pack of emission factors."),
    "accounts.option.carbon_price": (
        "碳价，每吨二氧化碳多少（表的货币）。",
        "Carbon price per tCO2, in the money of the table.",
    ),
    "accounts.option.pass_through": (
        "转嫁到价格的份额，1 为全部。",
        "Share of the cost passed on to prices; 1 is all.",
    ),
    "accounts.option.exempt": ("免征的部门，可多次给出。", "A sector that is exempt; may be repeated."),
    "accounts.option.border": ("对进口同样计价（边境调节）。", "Charge imports alike (border adjustment)."),
    "accounts.option.households": (
        "居民分组支出表，列 group、product、spending（人均支出）、persons、income（人均收入）；表头也可写中文。",
        "Spending of household groups, columns group, product, spending (per head), persons, income (per head).",
    ),
    "accounts.option.margins": (
        "边际表（行或列、标签、数值、可选标准误）。行边际：一个部门产品的中间使用与最终使用之和（本地产品，等于产出）；"
        "列边际：一个部门的中间投入（不含增加值），或一类最终使用的合计。两者之和相等才有解。",
        "Margins (row or column, label, value, standard error if known). Row: all intermediate and final use of a "
        "sector's (local) product, which is its output; column: intermediate input of a sector without value added, "
        "or the total of one kind of final use. Both sides have to sum to the same.",
    ),
    "accounts.option.bridge": ("对应表（从、到、权重）。", "Bridge (from, to, weight)."),
    "accounts.option.construct": (
        "编表模型：A 产品技术、B 产业技术（产品×产品）；C 固定产业销售结构、D 固定产品销售结构（产业×产业）。"
        "A 与 C 要求供给表可逆。",
        "Construct: A product technology, B industry technology (product by product); C fixed industry sales, "
        "D fixed product sales (industry by industry). A and C need a supply table that can be inverted.",
    ),
    "accounts.option.saved": ("存成哪种格式。", "Format to save in."),
    "accounts.option.inputs": (
        "输入文件，可多次给出。stocks 的序列：item、year、quantity、unit；"
        "寿命：item、distribution、mean、deviation、source。",
        "An input file; may be repeated. For stocks the series has item, year, quantity, unit, the lifetimes item, "
        "distribution, mean, deviation, source.",
    ),
    "accounts.option.recover": (
        "“类别=百分点”，类别用代码或名称，如 废纸=10；可多次给出。",
        "“stream=points of percent”, by code or name, such as waste_paper=10; may be repeated.",
    ),
    "accounts.option.table_error": (
        "中间使用各格的相对标准误（如 0.1），传到足迹；项目自带的标准误总会传到。",
        "Relative standard error of the cells of intermediate use (such as 0.1), carried to the footprint; "
        "standard errors of the stressors always are.",
    ),
}
