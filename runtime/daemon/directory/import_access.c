/* runtime/daemon/directory/import_access.c - How calls go between switches: refuses a directory with rows by which
 * calls could go nowhere.
 *
 * Which switches exist is known from the configuration (reload_adapters.c); here the rows of table access are
 * checked against the directory's own numbers. */
#include "runtime/daemon/directory/import_state.h"

#include <stdio.h>
#include <string.h>

/* Copies the next word of a list, which has commas between its words. False behind the last. */
static bool access_next_word(const char **list, char word[NAME_MAX_BYTES + 1])
{
    size_t length = strcspn(*list, ",");
    if (length == 0) return false;
    snprintf(word, NAME_MAX_BYTES + 1, "%.*s", (int)length, *list);
    *list += length + ((*list)[length] == ',');
    return true;
}

/* Writes why no call could take this row of table access; false: calls can. */
static bool access_lacks(sqlite3 *db, sqlite3_stmt *row, char *what, size_t size)
{
    const char *from = lite_text(row, 0), *to = lite_text(row, 1), *types = lite_text(row, 2),
               *points = lite_text(row, 3);
    char point[NAME_MAX_BYTES + 1];
    if (strcmp(from, to) == 0) {
        snprintf(what, size, "leads from %.60s to itself; expected the names of two adapters", from);
        return true;
    }
    if (strstr(types, "point") && points[0] == '\0') {
        snprintf(what, size,
                 "column points is empty; expected external routing points of %.60s, or the route type direct alone",
                 to);
        return true;
    }
    while (access_next_word(&points, point)) {
        if (lite_has(db, NULL, "select 1 from dn where number = %Q and type = 'external_routing_point'", point))
            continue;
        snprintf(what, size, "column points names %.60s; expected a number of table dn of type external_routing_point",
                 point);
        return true;
    }
    return false;
}

bool import_accesses_check(sqlite3 *db, const char *file, struct error *error)
{
    static const char *const keys[] = {"from", "to", NULL};
    char what[256], key[2 * NAME_MAX_BYTES + 2];
    bool good = true;
    if (!import_table_there(db, "access")) return true;
    sqlite3_stmt *rows = lite_ask(db, "select \"from\", \"to\", types, points from access order by 1, 2");
    while (good && lite_next(rows)) {
        good = !access_lacks(db, rows, what, sizeof what);
        snprintf(key, sizeof key, "%s/%s", lite_text(rows, 0), lite_text(rows, 1));
    }
    if (!lite_end(rows) && good) return import_table_refused(db, file, "access", error);
    if (!good) import_row_wrong(file, "access", keys, key, what, error);
    return good;
}
