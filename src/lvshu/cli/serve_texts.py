"""What `lvshu serve` and `lvshu users` say, in Chinese and English."""

from __future__ import annotations

SERVE_TEXTS: dict[str, tuple[str, str]] = {
    "serve": (
        "在浏览器中打开账本：要目、循环、部门、金融、统计、试算、数据、复核。默认只在本机。",
        "Open the book in a browser: headlines, loop, sectors, finance, statistics, what-if, data, reviews. On this "
        "machine only, by default.",
    ),
    "serve.host": (
        "绑定的地址。127.0.0.1 以外的地址必须登录。",
        "The address to bind. Any other than 127.0.0.1 demands a login.",
    ),
    "serve.port": ("端口；0 为任选一个空闲的。", "The port; 0 takes a free one."),
    "serve.database": (
        "人写下的东西（用户、会话、复核、上传）存在哪里，例如 postgresql+pg8000://用户:密码@主机/库；"
        "默认为工作区中的 SQLite。"
        "也可用环境变量 LVSHU_DATABASE。",
        "Where what people write (users, sessions, reviews, uploads) is kept, such as "
        "postgresql+pg8000://user:password@host/name; by default SQLite in the workspace. LVSHU_DATABASE "
        "does the same.",
    ),
    "serve.name": (
        "浏览器可用的其他主机名（可多次）。",
        "A further host name by which browsers may come (may be repeated).",
    ),
    "serve.login": ("在本机也要求登录。", "Demand a login on this machine too."),
    "serve.secure": (
        "只经 https 发送会话（在终止 TLS 的代理之后）。",
        "Send sessions over https only (behind a proxy that ends TLS).",
    ),
    "serve.proxy": (
        "自己的反向代理的地址或网段（可多次）；只信它们写的 X-Forwarded-For。也可用环境变量 LVSHU_TRUSTED_PROXY。",
        "Address or network of a reverse proxy of your own (may be repeated); X-Forwarded-For is believed of these "
        "only. LVSHU_TRUSTED_PROXY does the same.",
    ),
    "serve.open": ("启动后打开浏览器。", "Open the browser when it is ready."),
    "serve.ready": ("工作台已就绪：{url}", "The workbench is ready: {url}"),
    "serve.stop": ("按 Ctrl-C 停止。", "Stop it with Ctrl-C."),
    "serve.login_demanded": (
        "已绑定 {host}：每个人都要登录。请只经 https 代理对外提供。",
        "Bound to {host}: everybody must log in. Offer it to others through a proxy with https only.",
    ),
    "users": (
        "工作台的用户与角色（查看、分析、复核、管理）。",
        "Users of the workbench and their roles (viewer, analyst, reviewer, admin).",
    ),
    "users.add": (
        "添加用户；密码从提示读入，或取环境变量 LVSHU_PASSWORD。",
        "Add a user; the password is asked for, or taken from LVSHU_PASSWORD.",
    ),
    "users.change": (
        "改角色、停用，或（加 --password）重设密码；该用户的会话随即失效。",
        "Change the role, shut out, or (with --password) set a new password; the user's sessions end.",
    ),
    "users.list": ("列出用户。", "List the users."),
    "users.log": ("列出最近的操作日志。", "List the newest entries of the log."),
    "users.option.name": ("用户名。", "User name."),
    "users.option.role": (
        "viewer 查看、analyst 分析、reviewer 复核、admin 管理。",
        "viewer, analyst, reviewer or admin.",
    ),
    "users.option.password": ("重设密码。", "Set a new password."),
    "users.option.disable": ("停用。", "Shut the user out."),
    "users.option.enable": ("恢复。", "Let the user in again."),
    "users.option.database": (
        "数据库地址；默认为工作区中的 SQLite。",
        "URL of the database; by default SQLite in the workspace.",
    ),
    "users.option.top": ("最多列几条。", "At most so many."),
    "users.option.workspace": (
        "工作区文件夹（默认当前文件夹）。",
        "The workspace's folder (the present one by default).",
    ),
    "users.ask": ("密码（不显示）：", "Password (not shown): "),
    "users.added": ("已添加 {name}（{role}）。", "Added {name} ({role})."),
    "users.changed": ("已修改 {name}；其会话已结束。", "Changed {name}; the sessions have ended."),
    "users.none": ("还没有用户。", "There are no users yet."),
    "users.word.name": ("用户", "User"),
    "users.word.role": ("角色", "Role"),
    "users.word.created": ("建于", "Since"),
    "users.word.disabled": ("停用", "Shut out"),
    "users.word.at": ("时间", "When"),
    "users.word.action": ("操作", "Action"),
    "users.word.target": ("对象", "On what"),
}
