"""A schedule in words, and the promises it may break: for people who know the hub, not the lab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.core.values import Text
from hub.lab.schedule import Schedule, Step

FIELDS = {
    "title": Text(zh="标题", en="the title"),
    "body": Text(zh="描述", en="the description"),
    "status": Text(zh="状态", en="the state"),
    "assignee": Text(zh="负责人", en="the assignee"),
    "labels": Text(zh="标签", en="the labels"),
    "priority": Text(zh="优先级", en="the priority"),
    "due": Text(zh="截止日期", en="the due date"),
    "estimate": Text(zh="预估工时", en="the estimate"),
}
DONE = {
    "say": Text(zh="发表评论", en="comments"),
    "edit": Text(zh="修改一条评论", en="changes a comment"),
    "take_back": Text(zh="撤回一条评论", en="takes a comment back"),
    "note": Text(zh="写下内部备注", en="leaves an internal note"),
    "delete": Text(zh="删除事项", en="deletes the item"),
    "move": Text(zh="移动事项", en="moves the item"),
    "attach": Text(zh="添加一个文件", en="puts a file there"),
    "hide": Text(zh="添加一个内部文件", en="puts an internal file there"),
    "detach": Text(zh="移除一个文件", en="takes a file away"),
    "work": Text(zh="登记工时", en="logs time"),
    "unlog": Text(zh="撤回登记的工时", en="takes logged time back"),
}
FAULTS = {
    "too_many": Text(
        zh="{there}回答 429，要求安静七秒", en="{there} answers 429 and asks for seven seconds of quiet"
    ),
    "unavailable": Text(zh="{there}回答 503，什么也没做", en="{there} answers 503 and does nothing"),
    "after_effect": Text(zh="{there}照做了，却回答 502", en="{there} does what it was asked and answers 502"),
    "lost": Text(zh="{there}照做了，但答复丢失", en="{there} does what it was asked and its answer is lost"),
    "crash": Text(zh="本系统在调用{there}之前被杀死", en="the hub is killed before the call to {there}"),
    "crash_after": Text(
        zh="本系统在调用{there}生效之后被杀死", en="the hub is killed after the call to {there} took effect"
    ),
    "crash_store": Text(
        zh="本系统在记下所做之事之前被杀死", en="the hub is killed before it writes down what it did"
    ),
    "second": Text(zh="另一个工作进程拿到同一关联", en="a second worker is given the same link"),
    "between": Text(
        zh="在本系统读取与写入之间，有人在{there}修改",
        en="somebody at {there} edits between the hub's look and its write",
    ),
    "between_here": Text(
        zh="同步进行时，有人在本系统修改", en="somebody in the hub edits while the round is under way"
    ),
    "silent": Text(zh="{there}回答成功，却什么也没改", en="{there} answers well and changes nothing"),
    "lag": Text(
        zh="新事项暂时不在{there}的列表里", en="new items are missing from the lists of {there} for a while"
    ),
    "expire": Text(zh="{there}的令牌提前失效", en="the token of {there} ends early"),
    "burst": Text(zh="{there}因短时间写入过多回答 429", en="{there} answers 429 to a burst of writes"),
    "secondary": Text(
        zh="{there}回答 403：触发次级限流，要求等待",
        en="{there} answers 403: its secondary limit asks to wait",
    ),
    "secondary_bare": Text(
        zh="{there}回答 403：触发次级限流，但没有说要等多久",
        en="{there} answers 403: its secondary limit, and it names no time",
    ),
    "primary": Text(
        zh="{there}回答 403：本小时的调用额度已用完",
        en="{there} answers 403: the calls of this hour are used up",
    ),
    "skew": Text(zh="{there}的时钟走偏", en="the clock of {there} goes wrong"),
}
HOOKS = {
    "dropped": Text(
        zh="{there}接下来的 Webhook 丢失一半。", en="Half of the next hooks of {there} are lost."
    ),
    "doubled": Text(zh="{there}接下来的 Webhook 各来两次。", en="The next hooks of {there} come twice."),
    "shuffled": Text(
        zh="{there}接下来的 Webhook 顺序错乱。", en="The next hooks of {there} come in the wrong order."
    ),
    "late": Text(zh="{there}接下来的 Webhook 迟到。", en="The next hooks of {there} come late."),
}
# What a story breaks, by the name under which it is counted.
BROKEN = {
    "settled": Text(zh="两边最终不一致，且没有显示", en="the two sides stay apart, and nothing says so"),
    "lost": Text(zh="有人写下的内容丢失，无处可见", en="what somebody wrote is lost and stands nowhere"),
    "false_conflicts": Text(
        zh="只有一边改动，却显示为冲突", en="a conflict is shown although only one side was changed"
    ),
    "echoes": Text(zh="本系统回应了自己的写入", en="the hub answers its own write"),
    "twins": Text(zh="事项或评论出现两份", en="an item or a comment stands twice"),
    "leaks": Text(zh="内部备注外泄", en="an internal note leaves the hub"),
    "breaches": Text(zh="超出对方的调用限制", en="a limit of the tracker is broken"),
    "bugs": Text(zh="程序出错", en="the program fails"),
    "overruled": Text(
        zh="按此连接的规则，一边的改动被另一边覆盖",
        en="by the connection's rule one side's change is overwritten by the other's",
    ),
}


def tell(schedule: Schedule, kinds: Sequence[str]) -> list[Text]:
    """The story, a sentence a step; ``kinds`` are the names of the trackers."""
    places = [_place(link, kind, len(kinds)) for link, kind in enumerate(kinds)]
    old = Text(zh="{there}的事项早已存在。", en="The item at {there} was there before.")
    new = Text(zh="{there}的事项由本系统创建。", en="The item at {there} is made by the hub.")
    begun = [
        _filled(old if was else new, there=place)
        for place, was in zip(places, schedule.existing, strict=True)
    ]
    return [*begun, *(_sentence(step, places[step.link]) for step in schedule.steps)]


def _place(link: int, kind: str, of: int) -> Text:
    number = "" if of == 1 else f" {link + 1}"
    return Text(
        zh=f"跟踪器{number}（{kind}）", en=f"tracker{number} ({kind})" if number else f"the tracker ({kind})"
    )


def _sentence(step: Step, there: Text) -> Text:
    if step.kind == "work":
        return Text(zh="本系统处理到期的事。", en="The hub does what is due.")
    if step.kind == "sweep":
        return _filled(
            Text(zh="本系统询问{there}有何变化。", en="The hub asks {there} what has changed."), there=there
        )
    if step.kind == "hooks":
        return _filled(HOOKS[step.what], there=there)
    if step.kind == "fault":
        return _filled(_after(step), what=_filled(_named(FAULTS, step.what), there=there))
    hub = Text(
        zh="有人在本系统{deed}（第 {number} 次改动）。", en="Somebody in the hub {deed} (edit {number})."
    )
    far = Text(
        zh="有人在{there}{deed}（第 {number} 次改动）。", en="Somebody at {there} {deed} (edit {number})."
    )
    changes = _filled(Text(zh="修改{field}", en="changes {field}"), field=_named(FIELDS, step.what))
    deed, number = DONE.get(step.what, changes), Text(zh=str(step.value), en=str(step.value))
    return _filled(hub if step.kind == "here" else far, there=there, deed=deed, number=number)


def _after(step: Step) -> Text:
    if step.after == 0:
        return Text(zh="下一次调用时，{what}。", en="At the next call {what}.")
    calls = "one more call" if step.after == 1 else f"{step.after} more calls"
    return Text(zh=f"再过 {step.after} 次调用，{{what}}。", en=f"After {calls} {{what}}.")


def _named(words: Mapping[str, Text], name: str) -> Text:
    """Its words; an imitation's own quirk is called by its name."""
    return words.get(name, Text(zh=name, en=name))


def _filled(text: Text, **values: Text) -> Text:
    chinese = {name: value.zh for name, value in values.items()}
    english = {name: value.en for name, value in values.items()}
    return Text(zh=text.zh.format(**chinese), en=text.en.format(**english))
