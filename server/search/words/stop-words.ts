/** Words that stand in every text and say nothing about it. Folded, without what follows an apostrophe. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again ain all am an and any are aren as at be because been before being below between both but by
  can could couldn did didn do does doesn doing don down during each few for from further had hadn has hasn have haven
  having he her here hers him his how i if in into is isn it its itself just may me might more most must mustn my no nor not now of off
  on once only or other our ours out over own same shall she should shouldn so some such than that the their theirs them then
  there these they this those through to too under until up us very was wasn we were weren what when where which while
  who whom whose why will with won would wouldn you your yours`.split(/\s+/),
);

/** Words by which people ask: a text may well be about them, but mostly the question is not. */
export const ASKING_WORDS: ReadonlySet<string> = new Set(
  `ago ask asked asking bring brought chat conversation conversations describe did different discuss discussed discussing
  discussion discussions earlier ever explain find found gave get give given got happened help kind know knew last
  like long made make many mention mentioned much need needed please previous previously recall remember remind said say
  saying says show solve solved sort suggest suggested suggestion summarize summary talk talked talking tell thing things
  think thought time told tried try trying use used using various want wanted way ways went work worked working`.split(
    /\s+/,
  ),
);

/** The same in Chinese: what stands between two of them is what the question is about. */
export const ASKING_PHRASES =
  /为什么|怎么样?|怎样|如何|什么|哪(?:个|些|里|儿)|是否|是不是|有没有|能不能|可以|我们|你们|他们|这个|那个|一个|一下|当时|之前|上次|請問|请问|為什麼|怎麼|什麼|嗎|吗[？?]?$|呢[？?]?$|吧[？?]?$/gu;

/** Characters that hold Chinese and Japanese sentences together: a pair with one of them tells little. */
export const BINDING = /[的了是在和与被把就也都很着呢吗吧嗎過过]|^[\p{Script=Hiragana}]+$/u;
