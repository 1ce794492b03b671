/* compiler/check/holidays.c - Reading a file of holidays. */
#include "compiler/check/holidays.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/syntax/literal.h"

enum { HOLIDAYS_MAX = 800 };

static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
    return true;
}

/* Reads one line: it begins with a date, or is empty, or a remark (#). */
static bool holidays_read_line(struct holidays *holidays, const char *line)
{
    line += strspn(line, " \t");
    if (*line == '#' || *line == '\n' || *line == '\r' || *line == '\0') return true;
    int64_t us;
    if (!is_date(line) || !literal_date(line, &us)) return false;
    if (holidays->count++ == HOLIDAYS_MAX) return false;
    holidays->days[holidays->count - 1] = us / (86400 * INT64_C(1000000));
    return true;
}

static const char *holidays_path(struct arena *arena, const struct source_set *sources, struct word of)
{
    const char *site = source_set_at(sources, of.span.begin)->path, *slash = strrchr(site, '/');
    return arena_printf(arena, "%.*sholidays/%s.txt", slash ? (int)(slash - site) + 1 : 0, site, of.text);
}

struct holidays *holidays_read(struct arena *arena, struct diags *diags, const struct source_set *sources,
                               const struct node *node)
{
    assert(node->kind == NODE_HOLIDAYS);
    struct word of = node->holidays.of;
    const char *path = holidays_path(arena, sources, of);
    bool plain = of.text[0] && !strchr(of.text, '/') && of.text[0] != '.';
    struct stat status = {0};
    const char *why = "this is no name";
    FILE *file = plain ? source_open(path, &status, &why) : NULL;
    if (!file) {
        struct diag *diag = diag_report(diags, HOLIDAYS_UNKNOWN, of.span, of.text, why);
        if (plain) diag_hint(diag, "%s holds a date a line", path);
        return NULL;
    }
    struct holidays *holidays = ARENA_NEW(arena, struct holidays);
    holidays->days = ARENA_ARRAY(arena, int64_t, HOLIDAYS_MAX);
    char *line = NULL;
    size_t room = 0;
    unsigned number = 1;
    for (ssize_t length; (length = getline(&line, &room, file)) >= 0; number++)
        if (memchr(line, 0, (size_t)length) || !holidays_read_line(holidays, line)) {
            why = holidays->count > HOLIDAYS_MAX
                      ? arena_printf(arena, "%s has more than %d dates", path, HOLIDAYS_MAX)
                      : arena_printf(arena, "line %u of %s begins with no date", number, path);
            diag_report(diags, HOLIDAYS_UNKNOWN, of.span, of.text, why);
            holidays = NULL;
            break;
        }
    free(line);
    fclose(file);
    return holidays;
}
