"""Who works in the two demonstration companies and whom they serve. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass, field

INFRA, APPS, DATA, GUARD, SKIFF = (
    "星桥·基础设施 Starbridge Infrastructure",
    "星桥·应用支持 Starbridge Applications",
    "星桥·数据服务 Starbridge Data",
    "星桥·安全与权限 Starbridge Access",
    "小舟软件 Skiff Software",
)
TEAMS = (INFRA, APPS, DATA, GUARD, SKIFF)


@dataclass(frozen=True)
class Member:
    """A person of a service team."""

    name: str
    email: str
    team: str | None
    skills: dict[str, int] = field(default_factory=dict)
    role: str = "member"
    language: str | None = "zh"
    hours: float = 40.0
    # First and last day away, counted from the day the demonstration is loaded.
    away: tuple[int, int] | None = None
    away_for: str = ""


MEMBERS = (
    Member("演示管理员 Demo", "demo@example.org", None, role="administrator", hours=1, language=None),
    Member(
        "顾一舟 Gu Yizhou", "gu.yizhou@starbridge.example", INFRA, {"network": 5, "hardware": 3}, "manager"
    ),
    Member("沈知远 Shen Zhiyuan", "shen.zhiyuan@starbridge.example", INFRA, {"network": 4, "hardware": 4}),
    Member(
        "Tessa Marlow", "tessa.marlow@starbridge.example", INFRA, {"network": 4, "hardware": 2}, language="en"
    ),
    Member(
        "林默 Lin Mo",
        "lin.mo@starbridge.example",
        INFRA,
        {"hardware": 5},
        away=(-1, 6),
        away_for="年假 annual leave",
    ),
    Member("苏禾 Su He", "su.he@starbridge.example", APPS, {"applications": 5, "payroll": 3}, "manager"),
    Member("Owen Hartley", "owen.hartley@starbridge.example", APPS, {"applications": 4}, language="en"),
    Member("叶青岚 Ye Qinglan", "ye.qinglan@starbridge.example", APPS, {"applications": 4, "payroll": 4}),
    Member("白路 Bai Lu", "bai.lu@starbridge.example", DATA, {"data": 5}, "manager"),
    Member("Sofia Brandt", "sofia.brandt@starbridge.example", DATA, {"data": 4}, language="en", hours=32),
    Member(
        "江南星 Jiang Nanxing",
        "jiang.nanxing@starbridge.example",
        DATA,
        {"data": 4},
        away=(12, 16),
        away_for="培训 training",
    ),
    Member("温言 Wen Yan", "wen.yan@starbridge.example", GUARD, {"access": 5}, "manager"),
    Member("Lucas Veil", "lucas.veil@starbridge.example", GUARD, {"access": 4}, language="en"),
    Member("何小满 He Xiaoman", "he.xiaoman@skiff.example", SKIFF, {"product": 5, "delivery": 3}, "manager"),
    Member("陆川柏 Lu Chuanbai", "lu.chuanbai@skiff.example", SKIFF, {"product": 3, "delivery": 5}),
    Member(
        "Nora Finch",
        "nora.finch@skiff.example",
        SKIFF,
        {"product": 4, "delivery": 4},
        language="en",
        hours=30,
    ),
    Member("观察员 Observer", "observer@starbridge.example", None, role="viewer"),
)


@dataclass(frozen=True)
class Client:
    """An organisation that is served, with the people there who ask."""

    name: str
    profile: dict[str, str]
    contacts: tuple[tuple[str, str, str], ...]


CLIENTS = (
    Client(
        "星桥·电商事业部 Starbridge Retail",
        {
            "industry": "电子商务 e-commerce",
            "culture": "快节奏 fast-paced",
            "business_model": "平台 platform",
        },
        (
            ("方晴 Fang Qing", "fang.qing@retail.example", "zh"),
            ("Ada Winslow", "ada.winslow@retail.example", "en"),
        ),
    ),
    Client(
        "星桥·内容事业部 Starbridge Media",
        {"industry": "在线内容 online media", "culture": "开放 open", "business_model": "订阅 subscription"},
        (
            ("罗子衿 Luo Zijin", "luo.zijin@media.example", "zh"),
            ("Ben Ashdown", "ben.ashdown@media.example", "en"),
        ),
    ),
    Client(
        "星桥·职能部门 Starbridge Corporate",
        {
            "industry": "内部服务 internal services",
            "culture": "严谨 careful",
            "business_model": "成本中心 cost centre",
        },
        (
            ("秦暖 Qin Nuan", "qin.nuan@corporate.example", "zh"),
            ("许知秋 Xu Zhiqiu", "xu.zhiqiu@corporate.example", "zh"),
        ),
    ),
    Client(
        "远山物流 Farhill Logistics",
        {
            "industry": "物流 logistics",
            "culture": "务实 pragmatic",
            "business_model": "运输合同 contract haulage",
        },
        (
            ("丁牧 Ding Mu", "ding.mu@farhill.example", "zh"),
            ("Clara Doyle", "clara.doyle@farhill.example", "en"),
        ),
    ),
    Client(
        "Brightwell Clinics",
        {
            "industry": "医疗 health care",
            "culture": "谨慎 cautious",
            "business_model": "连锁门诊 clinic chain",
        },
        (
            ("Helen Croft", "helen.croft@brightwell.example", "en"),
            ("唐果 Tang Guo", "tang.guo@brightwell.example", "zh"),
        ),
    ),
    Client(
        "青禾学堂 Greenfield School",
        {"industry": "教育 education", "culture": "协商 consensual", "business_model": "公益 non-profit"},
        (
            ("莫小雨 Mo Xiaoyu", "mo.xiaoyu@greenfield.example", "zh"),
            ("Ian Porter", "ian.porter@greenfield.example", "en"),
        ),
    ),
)


@dataclass(frozen=True)
class Service:
    """A category of the catalogue."""

    key: str
    zh: str
    en: str
    skill: str
    team: str
    hours: float
    keywords: tuple[str, ...]


SERVICES = (
    Service(
        "network",
        "网络与 VPN",
        "Network and VPN",
        "network",
        INFRA,
        3,
        ("VPN", "网络", "firewall", "switch", "防火墙"),
    ),
    Service(
        "hardware",
        "硬件与工位",
        "Hardware",
        "hardware",
        INFRA,
        2,
        ("打印机", "printer", "laptops", "笔记本", "工位"),
    ),
    Service(
        "application",
        "应用故障",
        "Application faults",
        "applications",
        APPS,
        4,
        ("登录", "login", "附件", "attachment", "portal"),
    ),
    Service(
        "payroll",
        "薪酬与报销",
        "Payroll and expenses",
        "payroll",
        APPS,
        5,
        ("payroll", "报销", "工资", "refund", "expense"),
    ),
    Service(
        "data",
        "数据与报表",
        "Data and reports",
        "data",
        DATA,
        6,
        ("报表", "report", "口径", "数据库", "database"),
    ),
    Service(
        "access",
        "账号与权限",
        "Accounts and access",
        "access",
        GUARD,
        1.5,
        ("权限", "access", "SSO", "证书", "certificate"),
    ),
    Service(
        "feature",
        "功能需求",
        "Feature requests",
        "product",
        SKIFF,
        8,
        ("新增", "功能", "feature", "export format"),
    ),
    Service(
        "rollout",
        "实施与培训",
        "Rollout and training",
        "delivery",
        SKIFF,
        6,
        ("培训", "上线", "training", "rollout", "onboard"),
    ),
    Service(
        "defect", "产品缺陷", "Product defects", "product", SKIFF, 4, ("缺陷", "报错", "defect", "crashes")
    ),
    # Nobody has this skill: its requests show what "cannot be assigned" looks like.
    Service(
        "storage", "存储阵列", "Storage arrays", "storage", INFRA, 8, ("存储阵列", "storage array", "SAN")
    ),
)
