"""Names of places that questions ask about."""

from __future__ import annotations

REGIONS = tuple(
    """
    欧洲 亚洲 非洲 北美 南美 拉美 中东 东南亚 海湾 全球 国内 国外 海外 境外
    中国 长三角 珠三角 大湾区
    """.split()
)
"""Those that say roughly where: what is said of them may be said without naming them."""
NAMED_PLACES = tuple(
    """
    欧盟 东盟 美国 日本 韩国 朝鲜 印度 俄罗斯 乌克兰 英国 法国 德国 意大利
    西班牙 荷兰 瑞士 瑞典 挪威 波兰 澳大利亚 澳洲 新西兰 加拿大 墨西哥 巴西
    阿根廷 智利 南非 埃及 沙特 阿联酋 伊朗 以色列 土耳其 越南 泰国 新加坡
    马来西亚 印尼 印度尼西亚 菲律宾 缅甸 哈萨克斯坦 台湾 香港 澳门 北京 上海 天津
    重庆 广州 深圳 杭州 南京 苏州 宁波 合肥 武汉 成都 西安 青岛 河北 山西 辽宁
    吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川
    贵州 云南 陕西 甘肃 青海 内蒙古 广西 西藏 宁夏 新疆
    """.split()
)
"""Countries, provinces and large cities."""
PLACES = (*REGIONS, *NAMED_PLACES)
