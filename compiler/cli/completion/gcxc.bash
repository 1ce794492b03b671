# compiler/cli/completion/gcxc.bash - Completion of gcxc(1) in bash: gcxc knows itself what may stand where.
_gcxc()
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
complete -F _gcxc gcxc
