" Files of gcx, their remarks, and gcxc fmt for = and gq: ggVGgq lays out the whole file.
autocmd BufNewFile,BufRead *.gcx setfiletype gcx
autocmd FileType gcx setlocal commentstring=//\ %s comments=:///,:// shiftwidth=4 expandtab formatprg=gcxc\ fmt\ -
    \ | setlocal makeprg=gcxc\ check\ % errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%-G%.%#
