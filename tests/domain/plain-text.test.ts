import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { draftOf } from '../../shared/domain/language-model/request.ts'
import { plainText } from '../../shared/domain/plain-text.ts'

describe('what a citizen writes stays', () => {
  it.each([
    '商户<青禾Qinghe餐饮店>无证经营',
    '收件人<REN公司>，抄送<b公司>',
    '<Code科技>和<Form表单社>欠薪',
    '联系 <li.si@example.org> 或 <mailto:li.si@example.org>',
    '见<http://example.org/a?b=1&c=2>和<www.example.org>',
    '群号<abc123>，验证码<x9>',
    '若a<b且c>d则漏水',
    'x<b 而 y>c',
    '压力p<a, 温度t>b',
    'if i<s and u>q',
    '5<b>3',
    '书名<<A Tale>>，型号<iPhone 15>',
    '3<5 且 7>2，<3',
    '<未完',
    'a < b > c',
    'a<!b>c 和 <?>',
    '第一行\n\n第二行\n  缩进',
    '制表\t符',
    '👨‍👩‍👧',
    '&lt;b&gt; &amp; &nbsp;',
  ])('%j', text => expect(plainText(text)).toBe(text))

  it('whatever stands in brackets that HTML does not know', () => {
    const word = fc.stringMatching(/^[a-z]{1,6}[一-鿕@./:]{1,3}[a-z一-鿕]{0,6}$/)
    const prefix = /^(?:o|v|w|m|x|st1|xml|svg|xsl):/
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), words => {
        const text = words
          .filter(each => !prefix.test(each) && !each.endsWith('/'))
          .map(each => `看<${each}>`)
          .join('，')
        expect(plainText(text)).toBe(text)
      }),
    )
  })
})

describe('mark-up goes', () => {
  it.each([
    ['<b>路灯</b><script src=a.js>alert(1)</script>不亮', '路灯alert(1)不亮'],
    ['<scr<script>ipt>alert(1)</scr</script>ipt>', 'alert(1)'],
    ['<a href="https://example.org/a>b" target=_blank>链接</a>', '链接'],
    ['<A HREF=x>链接</A >', '链接'],
    ['<img src="a.png"alt="图"/>前<img/src=x>后', '前后'],
    ['<input disabled checked/>选项', '选项'],
    ['<font color=red>急</font><FONT>修</FONT>', '急修'],
    ['<span style="mso-fareast: 宋体">字</span><o:p></o:p>', '字'],
    ['甲<!-- 看不见的\n话 -->乙', '甲乙'],
    ['<!DOCTYPE html><?xml version="1.0"?>正文', '正文'],
    ['<![if !supportLists]>一<![endif]>', '一'],
  ])('%j', (text, right) => expect(plainText(text)).toBe(right))

  it('and a line ends where it ended for the reader', () => {
    for (const [text, right] of [
      ['<div>一</div><div>二</div>', '一\n二'],
      ['一<div>二</div>三', '一\n二\n三'],
      ['<ul><li>一<li>二</ul>三', '一\n二\n三'],
      ['<h2>标题</h2>\n\n  <p class="a">正文</p>', '标题\n正文'],
      ['一<br/>二<BR>三<br class="x">四', '一\n二\n三\n四'],
      ['一<br><br>二', '一\n\n二'],
      ['一<br>\n二', '一\n二'],
      ['<p>一</p><p><br></p><p>二</p>', '一\n\n二'],
      ['<p>一<br></p><p>二</p>', '一\n二'],
      ['一<hr>二', '一\n二'],
      ['<table><tr><td>电话</td><td>无</td></tr><tr><td>地址</td></tr></table>', '电话  无\n地址'],
      ['一\r二\r\n三\u2028四\u2029五\u0085六\u000b七\u000c八', '一\n二\n三\n四\n五\n六\n七\n八'],
    ] as const)
      expect(plainText(text), text).toBe(right)
  })

  it('whatever of it is pushed into each other', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '<b>',
      '</b>',
      '<script>',
      '</script>',
      '<p ',
      'class=x',
      '路灯',
      '<!--',
      '-->',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), pieces => {
        const text = plainText(pieces.join(''))
        expect(text).not.toMatch(/<\/?(?:script|p)(?: class=x)?>/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('the longest text takes a moment, whatever is in it', () => {
    const began = performance.now()
    for (const piece of [
      '<b',
      '<b>',
      '<p ',
      '<a x="',
      ' ',
      '\u0001',
      '<br> ',
      '<p> ',
      '<!--',
      '<a x=1 ',
      '<div/',
    ])
      plainText(piece.repeat(20_000 / piece.length))
    plainText(`${'<b'.repeat(6_000)}${'>'.repeat(6_000)}`)
    expect(performance.now() - began).toBeLessThan(3_000)
  })
})

it('a model’s answer is read by the same rule', () => {
  const answer = (content: string) => draftOf({ choices: [{ message: { content } }] })?.text
  expect(answer('<p>您好，</p><p>请发到 <fuwu@example.org></p>')).toBe('您好，\n请发到 <fuwu@example.org>')
})
