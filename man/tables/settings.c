/* man/tables/settings.c - The daemon's settings, and the commented example of them. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Prints one setting of the configuration in the list of its section. */
static void put_setting(const char *key, const char *type, const char *fallback, long lowest, long highest,
                        const char *doc)
{
    char range[64] = "", aside[192];
    if (highest > 0) snprintf(range, sizeof range, " from %ld to %ld", lowest, highest);
    if (!fallback)
        snprintf(aside, sizeof aside, "%s%s, mandatory", type, range);
    else if (!*fallback)
        snprintf(aside, sizeof aside, "%s%s", type, range);
    else
        snprintf(aside, sizeof aside, "%s%s, default: %s", type, range, fallback);
    row(key, aside, doc);
}

/* Prints the heading of a section; the doc begins with a small letter in the table and with a capital here. */
static void section(const char *name, const char *doc)
{
    if (strcmp(name, "top") != 0) list_end();
    printf(".Ss %s\n", strcmp(name, "top") == 0 ? "The daemon itself" : name);
    printf("%c", doc[0] >= 'a' && doc[0] <= 'z' ? doc[0] - 'a' + 'A' : doc[0]);
    text(doc + 1);
    puts(".");
    list_begin();
}

void settings(void)
{
#define SECTION(name, many, open, doc) section(#name, doc);
#define SETTING(section, key, type, fallback, lowest, highest, doc)                                                    \
    put_setting(#key, #type, fallback, lowest, highest, doc);
#include "runtime/daemon/site/conf.def"
    list_end();
}

/* Prints one setting of the example configuration, which has every key; keys with a default are comments. Sections
 * are comments whole. */
static void example_setting(bool top, const char *key, const char *type, const char *fallback, const char *doc)
{
    static const struct {
        const char *key, *value;
    } given[] = {
        {"directory", "\"directory.sql\""}, {"strategies", "{}"},
        {"state", "\"/var/lib/gcx\""},      {"admin", "\"/run/gcx/admin.sock\""},
        {"database", "\"customers.db\""},   {"libraries", "{\"checks.so\"}"},
        {"members", "{\"group:quality\"}"},
    };
    const char *quote = strcmp(type, "STR") == 0 || strcmp(type, "PATH") == 0 ? "\"" : "";
    const char *indent = top ? "" : "#    ", *mark = top && fallback ? "#" : "";
    printf("%s# %s\n", top ? "" : "#    ", doc);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (strcmp(given[i].key, key) == 0) {
            printf("%s%s = %s\n", indent, key, given[i].value);
            return;
        }
    if (strcmp(type, "PEERS") == 0) fallback = "{}";
    printf("%s%s%s = %s%s%s\n", indent, mark, key, quote, fallback ? fallback : "", quote);
}

/* Ends the section before and begins this one; with an empty name it only ends the section before. */
static void example_section(const char *name, const char *doc)
{
    static bool open;
    if (open) puts("#}");
    open = *name;
    if (*name)
        printf("\n# %s\n#%s%s {\n", doc, name,
               strcmp(name, "adapter") == 0  ? " tserver"
               : strcmp(name, "source") == 0 ? " customers"
               : strcmp(name, "native") == 0 ? " checks"
               : strcmp(name, "role") == 0   ? " quality"
                                             : "");
}

void example(void)
{
    puts("# gcxvm(8)'s configuration: only paths, ports and references to secrets. Paths are relative to this file.\n"
         "# What is commented out is as it is by default. gcxvm.conf(5) tells more; `gcxvm --check FILE` checks it.\n");
#define SECTION(name, many, open, doc)                                                                                 \
    if (strcmp(#name, "top") != 0) example_section(#name, doc);
#define SETTING(section, key, type, fallback, lowest, highest, doc)                                                    \
    example_setting(strcmp(#section, "top") == 0, #key, #type, fallback, doc);
#include "runtime/daemon/site/conf.def"
    puts("#    # and what its plugin understands: gcxvm --adapter tserver.so --settings");
    puts("#    switch = \"127.0.0.1:7000\"");
    example_section("", "");
}
