/* base/usage_rows.h - A program's tables OPTIONS_DEF, whose fields are those of OPTIONS_LINE, and
 * EXITS_DEF, as rows for usage_read(), and COMMANDS_DEF for usage_command(). Its main includes it once; it has no guard
 * on purpose. */
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
