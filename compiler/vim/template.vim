" Vim syntax file. Language: gcx, strategies of routing (gcx(7)). Made from compiler/syntax/words.def.
if exists("b:current_syntax")
  finish
endif
let s:keep = &cpo
set cpo&vim

"@words

syntax match gcxNumber "\<\d\+\(\.\d\+\)\?%\?"
syntax match gcxNumber "\<\(\d\+\(ms\|[dhms]\)\)\+\>"
syntax match gcxNumber "\<\d\{4}-\d\d-\d\d\>"
syntax match gcxNumber "\<\d\d:\d\d\(:\d\d\)\?\>"
syntax keyword gcxConstant true false none
syntax keyword gcxType int float bool str duration time date clock weekday percent value list map target error blob party
" Behind one point is a member, whatever its name is elsewhere: xs.count, e.error. Behind two, as in a..b, it is not.
syntax match gcxMember "\.\@1<!\.\h\w*"
syntax match gcxStep "\<\(ivr\|call\|email\|chat\|sms\|im\|text\|outbound\|callback\|http\|recording\)\.\h\w*"

syntax match gcxTodo contained "\<\(TODO\|FIXME\|XXX\)\>"
syntax match gcxAllow contained "gcx:allow\s\+\u\d\{4}"
syntax match gcxComment "//.*$" contains=gcxTodo,gcxAllow,@Spell
syntax match gcxDoc "///.*$" contains=gcxTodo,@Spell

" A value in braces ends with its first closing one; {{ and }} are braces.
syntax match gcxEscape contained "\\\(u{\x\{1,6}}\|.\)\|{{\|}}"
syntax region gcxValue contained oneline matchgroup=gcxEscape start="{\ze[^{]" end="}" contains=TOP
syntax region gcxString start=+"+ skip=+\\.+ end=+"+ oneline contains=gcxEscape,gcxValue,@Spell
" In a pattern braces and backslashes are themselves.
syntax keyword gcxClause match prefix nextgroup=gcxPattern skipwhite
syntax region gcxPattern contained start=+"+ end=+"+ oneline
syntax include @gcxSQL syntax/sql.vim
unlet! b:current_syntax
syntax case match
syntax region gcxSQL matchgroup=gcxString start="`" end="`" contains=@gcxSQL,gcxEscape,gcxValue
" Words that mean something in one place only: what is handled, how is asked, what is expected.
syntax keyword gcxStatement on nextgroup=gcxHandled skipwhite
syntax keyword gcxHandled contained abandoned error transferred main_released
" A key that is attached, whatever its name is elsewhere: attach queue = ...
syntax keyword gcxStatement attach nextgroup=gcxKey skipwhite
syntax match gcxKey contained "\h\w*\ze\s*="
syntax keyword gcxReserved query nextgroup=gcxSource skipwhite
syntax match gcxSource contained "\h\w*" nextgroup=gcxForm skipwhite
syntax keyword gcxForm contained first all value exec
syntax keyword gcxReserved expect never nextgroup=gcxExpected,gcxReserved skipwhite
syntax keyword gcxExpected contained routed offered joined stopped rejected failed abandoned defaulted transferred interrupted no_reply
syntax keyword gcxExpected contained shown whispered
syntax region gcxFold start="{" end="}" transparent fold

syntax sync minlines=200

highlight default link gcxDeclaration Structure
highlight default link gcxStatement Statement
highlight default link gcxReserved Keyword
highlight default link gcxKind Type
highlight default link gcxType Type
highlight default link gcxClause Label
highlight default link gcxStep Function
highlight default link gcxNumber Number
highlight default link gcxConstant Constant
highlight default link gcxString String
highlight default link gcxPattern String
highlight default link gcxHandled Label
highlight default link gcxKey Identifier
highlight default link gcxForm Keyword
highlight default link gcxExpected Label
highlight default link gcxEscape Special
highlight default link gcxComment Comment
highlight default link gcxDoc SpecialComment
highlight default link gcxTodo Todo
highlight default link gcxAllow PreProc

let b:current_syntax = "gcx"
let &cpo = s:keep
unlet s:keep
