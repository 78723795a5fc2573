"""What requests are about in the demonstration: titles, texts, needs and goals, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Topic:
    """One kind of request as people write it. Several needs stand in the body as a list."""

    category: str
    language: str
    title: str
    body: str
    goal: str
    needs: tuple[str, ...] = ()
    priority: int = 3

    @cached_property
    def stated(self) -> tuple[str, ...]:
        """The needs, or the title where the text lists none."""
        return self.needs or (self.title,)

    @cached_property
    def text(self) -> str:
        """The body as it is sent, the needs as a list at its end."""
        return "\n".join((self.body, *(f"- {need}" for need in self.needs)))


TOPICS = (
    Topic(
        "network",
        "zh",
        "VPN 断线频繁，远程办公受影响",
        "每隔十几分钟就断一次，视频会议中断。",
        "连续一天不断线",
        priority=2,
    ),
    Topic(
        "network",
        "en",
        "Quarterly firewall review",
        "The review of the rule set is due.",
        "No rule without an owner",
        ("Export the present rule set", "Remove rules nobody owns"),
    ),
    Topic(
        "network",
        "en",
        "Replace core switch, building 2",
        "The fan of the core switch is failing.",
        "The switch runs for a week without alarm",
        priority=1,
    ),
    Topic(
        "network",
        "zh",
        "三楼无线网络信号弱",
        "会议室 3F-12 附近几乎没有信号。",
        "会议室内信号满格",
        priority=4,
    ),
    Topic(
        "hardware",
        "zh",
        "打印机 3F-07 卡纸并报错 E-52",
        "清理过两次，重启无效。",
        "能连续打印 50 页",
        priority=4,
    ),
    Topic(
        "hardware",
        "en",
        "Laptops and access for 12 new hires",
        "They start on the first of next month.",
        "Everybody can work on the first morning",
        ("Prepare 12 laptops", "Prepare 12 desks"),
        2,
    ),
    Topic("hardware", "zh", "工位显示器闪屏", "接上扩展坞后每分钟闪一次。", "显示器稳定显示一整天"),
    Topic(
        "application",
        "zh",
        "客户门户登录超时（生产环境）",
        "登录后白屏约 30 秒，所有人都受影响。",
        "登录在三秒内完成",
        priority=1,
    ),
    Topic(
        "application",
        "zh",
        "工单附件上传失败（>20MB）",
        "大于 20MB 的附件上传到一半就失败。",
        "100MB 的附件可以上传",
    ),
    Topic(
        "application",
        "en",
        "Email delivery delayed to APAC partners",
        "Messages from the portal arrive two hours late.",
        "Messages arrive within five minutes",
        priority=2,
    ),
    Topic(
        "application",
        "en",
        "Portal login loops after password change",
        "The page returns to the login form.",
        "Login works after a change of password",
    ),
    Topic(
        "payroll",
        "en",
        "Payroll export fails for March cost centre",
        "The file stops after row 400.",
        "The export holds every row",
        priority=1,
    ),
    Topic(
        "payroll",
        "zh",
        "报销单重复审批",
        "同一张报销单出现两次审批。",
        "每张报销单只审批一次",
        ("查明重复的原因", "撤销重复的审批"),
    ),
    Topic(
        "payroll",
        "en",
        "Refund workflow: duplicate approval mail",
        "Approvers get two mails for one refund.",
        "One mail for one refund",
    ),
    Topic(
        "data",
        "zh",
        "报表口径与财务系统不一致",
        "三月收入相差 1.2%，需要核对口径。",
        "差异可以逐条解释",
        ("列出口径差异", "统一收入口径"),
        2,
    ),
    Topic("data", "zh", "数据库磁盘空间告警：85%", "主库磁盘三天内会满。", "磁盘使用率低于 70%", priority=1),
    Topic(
        "data",
        "en",
        "Weekly sales report arrives empty",
        "The report of Monday has no rows.",
        "Monday's report is complete",
    ),
    Topic(
        "access",
        "en",
        "SSO certificate expires in 14 days",
        "Renew it before single sign-on stops.",
        "The new certificate is in use",
        priority=2,
    ),
    Topic(
        "access",
        "zh",
        "合同审批流程新增法务节点权限",
        "法务同事看不到合同审批。",
        "法务可以查看并审批",
        priority=3,
    ),
    Topic(
        "access",
        "en",
        "Access to the archive for two auditors",
        "They need to read, for two weeks.",
        "Both can read the archive",
        priority=4,
    ),
    Topic(
        "feature",
        "zh",
        "新增批量导入功能",
        "每周要手工录入 300 条记录。",
        "300 条记录一次导入",
        ("设计导入模板", "实现批量导入"),
    ),
    Topic(
        "feature",
        "en",
        "New export format for partners",
        "Partners ask for a spreadsheet.",
        "Partners can open the export",
        priority=4,
    ),
    Topic(
        "rollout",
        "zh",
        "新版本上线培训",
        "为客服团队安排两次培训。",
        "全部客服通过测验",
        ("准备培训材料", "组织两次培训"),
    ),
    Topic(
        "rollout",
        "en",
        "Onboard the second clinic",
        "Same set-up as the first one.",
        "The clinic works with the product",
        priority=2,
    ),
)
UNASSIGNABLE = (
    Topic(
        "storage",
        "zh",
        "存储阵列扩容评估",
        "阵列剩余空间不足，需要评估扩容方案。",
        "有可以执行的扩容方案",
        priority=2,
    ),
    Topic(
        "storage",
        "en",
        "Storage array reports a failed disk",
        "One disk of the storage array has failed.",
        "The array is redundant again",
        priority=1,
    ),
)
# Kept in the sandbox tracker, too, so only where there is one.
DEFECTS = (
    Topic(
        "defect",
        "zh",
        "导出按钮点击后报错",
        "点击导出后出现错误 500，每次都能重现。",
        "点击导出后得到文件",
        priority=2,
    ),
    Topic(
        "defect",
        "en",
        "App crashes when a photo is attached",
        "Every photo above 8 MB ends the app.",
        "A photo of 20 MB can be attached",
        priority=2,
    ),
)
BY_TITLE = {topic.title: topic for topic in (*TOPICS, *UNASSIGNABLE, *DEFECTS)}

SAID = {
    "zh": (
        "已在测试环境复现，正在查原因。",
        "已定位原因，今天下午处理。",
        "处理完成，请您确认。",
        "需要您补充一下出现的时间。",
    ),
    "en": (
        "Reproduced on staging; looking for the cause.",
        "The cause is found, the fix comes this afternoon.",
        "Done. Please have a look.",
        "Could you tell us when it happened first?",
    ),
}
REPLIED = {
    "zh": ("谢谢，已经恢复正常。", "今天上午又出现了一次。", "时间是昨天下午三点左右。"),
    "en": (
        "Thanks, it works again.",
        "It happened once more this morning.",
        "It was about three in the afternoon.",
    ),
}
NOTED = {"zh": "注意：该客户本月第二次遇到。", "en": "Second time this month for this customer."}
PRAISE = {"zh": "处理及时，谢谢。", "en": "Quick and friendly, thank you."}
BLAME = {"zh": "等了太久，过程中没有人告诉我进展。", "en": "It took too long and nobody told me how it went."}
HELD = {"zh": "等待供应商发货", "en": "Waiting for the supplier"}
PAUSED = {"zh": "等待客户确认时间", "en": "Waiting for the customer to name a time"}
DROPPED = {"zh": "与已有请求重复", "en": "The same as an earlier request"}
DISMISSED = {
    "zh": "已与客户当面沟通，原因是一次性的。",
    "en": "Talked to the customer; the cause was a single event.",
}
PARTLY = {"zh": "基本达到，剩余部分另行安排", "en": "Nearly; the rest comes with the next release"}
