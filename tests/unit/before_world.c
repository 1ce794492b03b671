/* tests/unit/before_world.c - The folder, the contact store and the log of a plugin that takes files over. */
#include "tests/unit/before_world.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/sql/kind.h"
#include "runtime/sql/sql.h"
#include "tests/unit/sql_world.h"

static char folder[64];
char before_target[128], before_state[128];
struct event_base *before_base;
GString *before_logged;

static bool post(struct gcx_link *link, struct span frame)
{
    (void)link, (void)frame;
    return true;
}

static uint64_t at_us(const struct gcx_link *link)
{
    (void)link;
    return UINT64_C(1795878947000000);
}

static bool is_up(const struct gcx_link *link)
{
    (void)link;
    return false;
}

static uint64_t journal(const struct gcx_link *link)
{
    (void)link;
    return 7;
}

static unsigned domain(const struct gcx_link *link)
{
    (void)link;
    return 1;
}

static struct event_base *loop(struct gcx_link *link)
{
    (void)link;
    return before_base;
}

static void no_neighbour(struct gcx_link *link, const char *name, bool there, const char *why)
{
    (void)link, (void)name, (void)there, (void)why;
}

__attribute__((format(printf, 5, 6))) static void on_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn,
                                                         const char *format, ...)
{
    va_list list;
    (void)link, (void)level, (void)ixn, (void)conn;
    va_start(list, format);
    g_string_append_vprintf(before_logged, format, list);
    g_string_append_c(before_logged, '\n');
    va_end(list);
}

const struct gcx_services before_services = {.post = post,
                                             .base = loop,
                                             .up = is_up,
                                             .now_us = at_us,
                                             .wall_us = at_us,
                                             .log = on_log,
                                             .journal = journal,
                                             .neighbour = no_neighbour,
                                             .domain = domain};

char *before_golden(const char *name)
{
    const char *top = getenv("top_srcdir");
    char *path = g_strdup_printf("%s/tests/unit/golden/%s", top ? top : "..", name), *bytes;
    cr_assert(g_file_get_contents(path, &bytes, NULL, NULL), "%s", path);
    g_free(path);
    return bytes;
}

void before_file_put(const char *ending, const char *text)
{
    char *path = g_strconcat(before_state, ending, NULL);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    g_free(path);
}

bool before_file_there(const char *ending)
{
    char *path = g_strconcat(before_state, ending, NULL);
    bool there = access(path, F_OK) == 0;
    g_free(path);
    return there;
}

void before_begin(void)
{
    struct error error;
    strcpy(folder, "/tmp/memos-before-XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(before_target, sizeof before_target, "sqlite:%s/contacts", folder),
        snprintf(before_state, sizeof before_state, "%s/state", folder);
    before_base = event_base_new();
    before_logged = g_string_new(NULL);
    char *bytes = before_golden("contacts_10.sql");
    struct sql *sql = sql_open(before_target, "contact store", &error);
    cr_assert(sql && sql_run(sql, bytes, &error), "%s", error.text);
    sql_close(sql);
    g_free(bytes);
}

void before_end(void)
{
    char command[100];
    event_base_free(before_base);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

const char *before_memo(const char *name, const char *column)
{
    char query[200];
    snprintf(query, sizeof query, "SELECT coalesce(%s, 'none') FROM post_memos WHERE name = '%s'", column, name);
    return sql_world_asks(before_target, query);
}
