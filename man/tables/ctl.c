/* man/tables/ctl.c - gcxctl and gcxdb: commands, options, exits. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdio.h>
#include <string.h>

/* Prints a command as it is typed, with the role that may use it, its arguments and its options. */
static void put_command(const char *name, const char *role)
{
    printf(".It Cm %s", name);
    if (strcmp(role, "MONITOR") != 0) printf(" Pq %s", strcmp(role, "ADMIN") == 0 ? "admins" : "operators, admins");
    putchar('\n');
}

static void option(const char *member, const char *word, const char *doc)
{
    fputs(".br\n.Fl -", stdout);
    for (; *member; member++) putchar(*member == '_' ? '-' : *member);
    if (*word) printf(" Ar %s", word);
    puts(" :");
    text(doc);
    puts(".");
}

static void put_command_argument(const char *word, const char *need, const char *doc)
{
    int optional = strcmp(need, "MAYBE") == 0 || strcmp(need, "ANY") == 0;
    printf(".br\n%s%s%s%s\n", optional ? ".Op Ar " : ".Ar ", word, strcmp(need, "ANY") == 0 ? " ..." : "",
           *doc ? " :" : "");
    if (!*doc) return;
    text(doc);
    puts(".");
}

void commands(void)
{
    puts(".Bl -tag -width Ds");
#define COMMAND(id, name, role, kind, doc)                                                                             \
    put_command(name, #role);                                                                                          \
    text(doc);                                                                                                         \
    puts(".");
#define ARGUMENT(id, member, word, type, need, doc) put_command_argument(word, #need, doc);
#define OPTION(id, member, word, type, where, doc)  option(#member, word, doc);
#include "runtime/daemon/protocol/commands.def"
    list_end();
}

static void own_option(const char *name, const char *word, const char *doc)
{
    printf(".It Fl -%s", name);
    if (*word) printf(" Ar %s", word);
    putchar('\n');
    text(doc);
    puts(".");
}

/* gcxctl's own options. */
void ctl_options(void)
{
    puts(".Bl -tag -width Ds");
#define OWN_ANY   1
#define OWN_ACTS  1
#define OWN_SHELL 0
#define OPTION(id, name, word, where, doc)                                                                             \
    if (OWN_##where) own_option(name, word, doc);
#include "runtime/ctl/options.def"
#undef OPTION
    list_end();
}

void ctl_exits(void)
{
    char code[16];
#define EXIT(name, number, doc)                                                                                        \
    snprintf(code, sizeof code, "%d", number);                                                                         \
    row(code, "", doc);
#include "runtime/ctl/exits.def"
#undef EXIT
}

/* Prints gcxdb's commands, one list per section. */
void debugger(void)
{
    const char *ends = "";
#define SECTION(title)                                                                                                 \
    printf("%s.Ss %s\n", ends, title);                                                                                 \
    list_begin();                                                                                                      \
    ends = ".El\n";
#define COMMAND(name, short, function, arguments, what) row(*arguments ? #name " " arguments : #name, short, what ".");
#define EXAMPLE(name, line, what)                                                                                      \
    fputs(".Dl ", stdout);                                                                                             \
    text(line);                                                                                                        \
    putchar('\n');
#include "runtime/debugger/commands.def"
    list_end();
}
