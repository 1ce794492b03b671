# compiler/cli/completion/gcxc.bash - Completion of gcxc(1) in bash: gcxc knows itself what may stand where.
_gcxc()
{
    local word current=${COMP_WORDS[COMP_CWORD]} quote=
    COMPREPLY=()
    case $current in # of a word that is being quoted, what is meant
    [\"\']*) quote=${current:0:1} current=${current:1} ;;
    *) current=${current//\\/} ;;
    esac
    while IFS=$'\t' read -r word _; do
        case $word in
        :files) compopt -o default ;;
        *) [ "$quote" ] && COMPREPLY+=("$word") || COMPREPLY+=("$(printf %q "$word")") ;;
        esac
    done < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)
}
complete -F _gcxc gcxc
