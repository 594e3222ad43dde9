/** The words that generated texts are made of, the most frequent first. None of them is a needle. */

/** What English is held together by. */
export const FUNCTION_WORDS = words(`
the to of and a in is that it for on with as be this are not we was by from at or have an if which but you can has will
when one all so they their there what been more its into then no do out only also new would use up about how any some these
than other should does first may after because could must where before now two over such through most same each just very them
between while both under still again without here make since get those even next last being too our your my`);

/** What people who build software talk about. */
export const STEMS = words(`
test file error server build run cache query table index user token path request response client line change value type
function module config branch commit merge deploy release version package import export class method field schema record
session message event queue worker thread process memory disk network socket port host domain proxy header body cookie login
password role permission scope policy rule check fail retry limit rate window batch stream buffer chunk block page cursor
offset order filter sort group join select insert update delete create remove rename copy move read write open close start
stop restart reload watch wait lock release acquire lease heart beat leader follower replica shard partition cluster node
region zone bucket object store archive backup restore snapshot migrate rollback transaction isolation commit log trace metric
alert panel graph report screen button form input label menu list card image icon font color style theme layout grid margin
border padding width height scroll drag drop click hover focus blur submit reset validate parse format encode decode escape
quote string number integer float boolean date time zone calendar locale language translate currency price order invoice
payment refund customer product catalog stock supplier shipment address street city country phone mail letter template
document section title summary paragraph sentence word letter search match score rank highlight snippet suggest complete
correct spell stem synonym plural tense grammar model train predict sample weight vector matrix tensor gradient loss epoch
layer kernel driver device sensor signal clock timer interrupt register stack heap pointer reference garbage collect allocate
free leak profile benchmark measure budget target threshold warning notice failure success result answer question problem
reason cause effect fix patch bug issue ticket review comment approve reject assign close reopen label milestone sprint plan
draft proposal decision note meeting agenda minute team member owner manager engineer designer tester support partner vendor
license contract clause term fee tax rate account balance ledger entry credit debit transfer deposit withdraw audit comply
garden orchard apple pear cherry plum branch root leaf seed soil water sun rain frost harvest basket market stall morning
evening winter spring summer autumn river bridge road station train bus bicycle harbour island mountain valley forest field
kitchen table chair lamp window door wall floor roof stone brick timber glass metal copper silver iron paper pencil brush
colour shape sound music song voice story chapter author reader library museum school lesson teacher student exam letter`);

const ENDINGS = ["", "s", "ed", "ing", "er", "able", "ment", "less", "ness", "al", "ful", "ly"];
const BEGINNINGS = ["", "re", "un", "pre", "sub", "over", "multi", "auto", "non", "inter"];

/** So many words: the small ones, then stems in ever rarer forms, then two stems in one. */
export function vocabularyOf(count: number): string[] {
  const all = new Set(FUNCTION_WORDS);
  for (const beginning of BEGINNINGS)
    for (const ending of ENDINGS) for (const stem of STEMS) all.add(`${beginning}${stem}${ending}`);
  for (const second of STEMS) {
    if (all.size >= count) break;
    for (const first of STEMS) all.add(`${first}${second}`);
  }
  return [...all].slice(0, count);
}

/** Chinese words of two characters, the most frequent first. */
export const CHINESE_WORDS = words(`
我们 可以 这个 一个 没有 问题 使用 需要 如果 因为 所以 但是 数据 系统 服务 文件 时间 用户 配置 测试 接口 代码 请求 返回 错误 处理 结果 运行
更新 查询 缓存 日志 连接 线程 进程 内存 磁盘 网络 端口 部署 版本 分支 提交 合并 修复 检查 验证 权限 角色 令牌 会话 消息 队列 任务 调度 监控
告警 指标 性能 优化 并发 事务 回滚 备份 恢复 迁移 集群 节点 主从 同步 异步 超出 重试 限流 熔断 降级 网关 代理 证书 加密 解密 签名 字段
类型 函数 模块 组件 页面 按钮 表单 样式 布局 图片 颜色 字体 语言 翻译 订单 支付 退款 客户 商品 库存 供应 物流 地址 城市 国家 电话 邮件 模板
文档 标题 摘要 段落 句子 词语 关键 匹配 排序 过滤 分组 统计 平均 最大 最小 阈值 目标 计划 会议 决定 原因 影响 方案 建议 评审 通过 拒绝`);

function words(text: string): string[] {
  return [...new Set(text.trim().split(/\s+/))];
}
