/* runtime/daemon/directory/import_source.c - The source of a directory: a file of SQL, an SQLite database, or a folder
 * of sheets. A source of each of these kinds becomes a database in memory. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { HEAD = 18, STEP_PAGES = 4096, BUSY_US = 20000 };

static const char magic[] = "SQLite format 3";

/* Returns the page size of an SQLite database; 0: the file is none. */
static unsigned page_size(const char *file)
{
    unsigned char head[HEAD] = {0};
    const char *why;
    FILE *from = file_reader(file, &why);
    size_t length = from ? fread(head, 1, sizeof head, from) : 0;
    if (from) fclose(from);
    if (length < sizeof head || memcmp(head, magic, sizeof magic) != 0) return 0;
    unsigned size = (unsigned)head[16] << 8 | head[17];
    return size == 1 ? 65536 : size;
}

/* Copies the database page by page, so that a write of another process is in the copy as a whole or not at all. */
static bool database_read(sqlite3 *db, const char *file, struct bound *bound, struct error *error)
{
    sqlite3 *from = NULL;
    int result = sqlite3_open_v2(file, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *copy = result == SQLITE_OK ? sqlite3_backup_init(db, "main", from, "main") : NULL;
    bool late = false;
    if (copy) {
        while ((result = sqlite3_backup_step(copy, STEP_PAGES)) != SQLITE_DONE && !late) {
            if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
                usleep(BUSY_US);
            else if (result != SQLITE_OK)
                break;
            late = sql_bound_over(bound);
        }
        sqlite3_backup_finish(copy);
    }
    bool good = copy && result == SQLITE_DONE;
    if (good) good = lite_do(db, "drop table if exists " IMPORT_ABOUT);
    if (!good)
        error_set(error, ERROR_INPUT, "%s cannot be read: %s", file,
                  late   ? SQL_TOO_LONG
                  : copy ? sqlite3_errstr(result)
                         : sqlite3_errmsg(copy ? db : from));
    sqlite3_close(from);
    return good;
}

sqlite3 *import_source_open(const char *file, struct bound *bound, struct error *error)
{
    assert(file && bound);
    struct stat found;
    bool folder = stat(file, &found) == 0 && S_ISDIR(found.st_mode);
    unsigned pages = folder ? 0 : page_size(file);
    char *text = !folder && pages == 0 ? import_text(file, error) : NULL;
    if (!folder && pages == 0 && !text) return NULL;
    sqlite3 *db = sql_database(bound, pages);
    bool good = folder      ? import_csv_read(db, file, error)
                : pages > 0 ? database_read(db, file, bound, error)
                            : import_run(db, file, text, NULL, error);
    free(text);
    if (good) return db;
    sqlite3_close(db);
    return NULL;
}
