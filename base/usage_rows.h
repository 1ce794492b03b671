/* base/usage_rows.h - Makes rows for usage_read() from a program's tables OPTIONS_DEF, whose fields are members of
 * OPTIONS_LINE, and EXITS_DEF, and rows for usage_command() from COMMANDS_DEF. The file with main() includes this
 * once; it has no include guard on purpose. */
enum {
#define OPTION(id, ...) OPTION_##id,
#include OPTIONS_DEF
#undef OPTION
};

static const struct usage_option usage_options[] = {
#define OPTION(id, name, kind, field, word, doc) {name, word, doc, USAGE_##kind, offsetof(OPTIONS_LINE, field)},
#include OPTIONS_DEF
#undef OPTION
    {0},
};

#ifdef EXITS_DEF
static const struct usage_exit usage_exits[] = {
#define EXIT(name, number, doc) {number, doc},
#include EXITS_DEF
#undef EXIT
    {0},
};
#endif

#ifdef COMMANDS_DEF
enum { MAKES = true, NEEDS = false };

static const struct usage_command usage_commands[] = {
#define COMMAND(name, words, least, most, makes, doc) {#name, words, doc, least, most, makes},
#include COMMANDS_DEF
    {0},
};
#endif
