" tests/language/ale_session.vim - A session of Vim with ALE and gcxc lsp, in the folder of a copy of the enterprise strategy,
" set up as the README says. What held and what did not is written to `found`.
let g:said = []
function! Say(what, good, ...)
  call add(g:said, (a:good ? 'ok ' : 'FAILED ') . a:what . (a:good || !a:0 ? '' : ': ' . string(a:1)))
endfunction
function! Wait(what, condition)
  let l:left = 500
  while l:left > 0 && !eval(a:condition)
    sleep 20m
    let l:left -= 1
  endwhile
  call Say(a:what, eval(a:condition), a:condition)
endfunction
function! Found()
  return ale#engine#GetLoclist(bufnr(''))
endfunction
function! Go(text, column)
  call cursor(1, 1)
  call search('\V' . a:text, 'cW')
  call cursor(line('.'), col('.') + a:column)
endfunction
try
edit enterprise.gcx
call Say('the file is one of gcx', &filetype ==# 'gcx', &filetype)
%s/skill French/skill Frensh/e
call ale#Queue(0)
call Wait('a mistake is shown', 'len(Found()) > 0')
call Say('with its code', get(get(Found(), 0, {}), 'code', '') ==# 'E0412', Found())
undo
call ale#Queue(0)
call Wait('and goes when it is mended', 'len(Found()) == 0')
call Go('skill English', 7)
call feedkeys("i\<C-x>\<C-o>", 'tx')
let words = map(copy(ale#completion#GetCompletionResult()), 'v:val.word')
call Say('the skills of the site are offered', index(words, 'English') >= 0, words)
undo
call Go('queue desk', 7)
ALEGoToDefinition
call Wait('a definition is in the site', 'expand("%:t") ==# "site.gcx"')
catch
  call Say('no error', 0, v:exception . ' ' . v:throwpoint)
endtry
call writefile(g:said, 'found')
qa!
