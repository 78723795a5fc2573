"""The words of the sandbox's pages in both languages."""

from __future__ import annotations

from collections.abc import Callable

CHINESE = {
    "Sandbox tracker": "沙箱跟踪器",
    "Edit here, watch it arrive in the hub, and back.": "在此修改，可在服务中心看到；反之亦然。",
    "Back to the hub": "返回服务协作中心",
    "Items": "事项",
    "Item": "事项",
    "New item": "新建事项",
    "Title": "标题",
    "Text": "正文",
    "Status": "状态",
    "Assignee": "负责人",
    "Labels": "标签",
    "Priority": "优先级",
    "Due": "截止日期",
    "Estimate in minutes": "预估（分钟）",
    "None": "无",
    "Labels, separated by commas": "标签，以逗号分隔",
    "Changed": "更新时间",
    "Nobody": "无",
    "Save": "保存",
    "Create": "创建",
    "Delete": "删除",
    "Acting as": "操作身份",
    "Comments": "评论",
    "New comment": "新评论",
    "Send": "发送",
    "Change log": "变更记录",
    "Field": "字段",
    "Value": "值",
    "Author": "作者",
    "No items yet. Create the first one.": "暂无事项，请新建一个。",
    "This item is gone.": "该事项已不存在。",
    "All items": "全部事项",
    "Not saved": "未保存",
    "todo": "待办",
    "doing": "进行中",
    "blocked": "受阻",
    "done": "已完成",
    "cancelled": "已取消",
    "title": "标题",
    "text": "正文",
    "status": "状态",
    "assignee": "负责人",
    "labels": "标签",
    "priority": "优先级",
    "due": "截止日期",
    "estimate": "预估",
    "urgent": "紧急",
    "high": "高",
    "normal": "普通",
    "low": "低",
    "comment": "评论",
    "created": "创建",
}


def in_language(language: str) -> Callable[[str], str]:
    """The function that says a text in this language."""
    return (lambda text: CHINESE.get(text, text)) if language == "zh" else (lambda text: text)
