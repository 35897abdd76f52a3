"""Names of firms that do not exist: every one begins with 上海样, and no list of real names is used."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.sample.units import Register

SYLLABLES = (
    "安邦宝昌成辰城创达德登鼎东恩帆方丰峰福富冈高歌格冠光广桂国海涵航昊浩和恒弘宏鸿厚华环辉惠吉嘉佳建健江"
    "杰金锦晋京景久聚君开凯康科可坤蓝朗力立丽利联良林凌隆禄伦洛迈茂美铭明木南宁诺欧磐鹏品平普奇启千乾秦庆"
    "清泉群仁日荣融如瑞润森山尚申升晟盛圣世舒顺硕思四松苏泰唐腾天田通同图拓万旺威唯伟文沃吾西希先贤祥翔"
    "欣新鑫信星兴雄秀旭轩雅亚延阳洋业一伊依亿艺易益毅银盈永优友宇雨玉育誉元园源远悦越云运泽展哲振正之"
)
BASE = 160
FORMS = ("有限公司", "股份有限公司", "有限责任公司", "合伙企业（有限合伙）", "商行", "服务部", "经营部")
WORDS: dict[str, tuple[str, ...]] = {
    "01": ("农业科技", "生态农业", "水产养殖"),
    "02": ("矿业", "石油技术"),
    "03": ("食品", "饮料", "粮油"),
    "04": ("服饰", "纺织科技"),
    "05": ("家居", "印务", "纸业", "文体用品"),
    "06": ("石化", "能源化工"),
    "07": ("化工", "新材料", "生物医药", "塑胶"),
    "08": ("建材", "玻璃", "水泥"),
    "09": ("钢铁", "金属材料", "有色金属"),
    "10": ("金属制品", "五金"),
    "11": ("机械设备", "智能装备", "设备修理"),
    "12": ("汽车部件", "船舶", "新能源汽车"),
    "13": ("电气", "电机", "电池"),
    "14": ("电子", "集成电路", "仪器仪表", "通信设备"),
    "15": ("再生资源", "环保材料"),
    "16": ("电力", "热电", "新能源发电"),
    "17": ("燃气", "水务"),
    "18": ("建设工程", "装饰", "安装工程"),
    "19": ("物流", "航运", "国际货运代理", "仓储"),
    "20": ("信息技术", "软件", "网络科技", "数据服务"),
    "21": ("贸易", "商贸", "国际贸易", "百货", "电子商务"),
    "22": ("餐饮管理", "酒店管理", "餐饮"),
    "23": ("融资租赁", "资产管理", "保险经纪"),
    "24": ("房地产开发", "置业", "物业管理"),
    "25": ("企业管理咨询", "商务服务", "人力资源", "广告"),
    "26": ("科技", "检测技术", "工程设计"),
    "27": ("环境服务", "家政服务", "汽车维修"),
    "28": ("教育科技", "医疗管理", "文化传播", "体育"),
}
_WORD_LIST = tuple(word for words in WORDS.values() for word in words)
_WORD_FIRST = np.cumsum([0, *(len(words) for words in WORDS.values())])
_ONES = pa.array(list(SYLLABLES[:BASE]))
_STEP = 2_654_437  # prime to BASE, so that no two units share a name


def _digits(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    number = (rows.astype(np.int64) * _STEP + 77_777) % BASE**3
    return number % BASE, number // BASE % BASE, number // BASE**2


def unit_names(rows: np.ndarray, register: Register, *, misspelt: bool = False) -> pa.Array:
    """Return the names of units.

    Args:
        rows: rows of the register, shape (rows,).
        register: units.
        misspelt: whether the second syllable is another one, as in a careless entry.
    """
    first, second, third = _digits(rows)
    if misspelt:
        second = (second + 1) % BASE
    sector = register.sector[rows].astype(np.int64)
    counts = np.diff(_WORD_FIRST)[sector]
    word = _WORD_FIRST[sector] + (rows * 7 + third) % counts
    person = register.size[rows] == 4
    form = np.where(
        person, 4 + rows % 3, np.where(register.size[rows] == 0, rows % 2, np.where(rows % 9 == 0, 2, 0))
    )
    return pc.binary_join_element_wise(
        pa.scalar("上海样"),
        _ONES.take(pa.array(first)),
        _ONES.take(pa.array(second)),
        _ONES.take(pa.array(third)),
        pa.array(_WORD_LIST).take(pa.array(word)),
        pa.array(FORMS).take(pa.array(form)),
        "",
    )
