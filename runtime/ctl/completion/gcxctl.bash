# runtime/ctl/completion/gcxctl.bash - Completion of gcxctl(1) in bash: gcxctl knows itself what may stand where, and
# asks gcxvm for names.
_gcxctl()
{
    local word
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        case $word in
        :files) compopt -o default ;;
        *) COMPREPLY+=("$(printf %q "$word")") ;;
        esac
    done < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _gcxctl gcxctl
