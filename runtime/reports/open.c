/* runtime/reports/open.c - Opens the records' database, and makes sure that it has the views of this program. */
#include "runtime/reports/open.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/sql/schema.h"
#include "runtime/vocabulary/target.h"
#include "base/memory.h"

static bool reports_version(struct sql *sql, struct error *error)
{
    int64_t version;
    bool there;
    if (!sql_table_there(sql, "gcx_records", &there, error)) return false;
    if (!there) return error_set(error, ERROR_STATE, "the database has no records: gcxrecords writes them");
    if (!sql_find(sql, error, &version, &there, "SELECT version FROM gcx_records", SQL_NONE)) return false;
    if (there && version == VERSION_gcx_records) return true;
    if (there && version < VERSION_gcx_records)
        return error_set(error, ERROR_VERSION,
                         "the records are of version %" PRId64
                         ", and reports are made from version %d: start the gcxrecords of this version, which brings "
                         "them forward",
                         version, VERSION_gcx_records);
    return error_set(error, ERROR_VERSION,
                     "the records are of version %" PRId64 ", and this gcxrecords knows version %d: use a later one",
                     version, VERSION_gcx_records);
}

static bool is_writable(const char *file)
{
    char *folder = memory_text(file), *slash = strrchr(folder, '/');
    if (slash) slash[1] = '\0';
    bool may = access(file, W_OK) == 0 && access(slash ? folder : ".", W_OK) == 0;
    free(folder);
    return may;
}

static bool has_log(const char *file)
{
    char *log = memory_format("%s-wal", file);
    bool there = access(log, F_OK) == 0;
    free(log);
    return there;
}

/* Who reads a SQLite file that is written takes part in its log, and has to be able to write file and folder. A file
 * without a log is read as it is: a copy in an archive, or records that nobody writes now. */
static struct sql *reports_open_file(const char *target, const char *file, struct error *error)
{
    static const char what[] = "the records' database";
    struct stat info;
    if (stat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        error_set(error, ERROR_UNKNOWN, "there is no file %.200s", file); /* SQLite would make it */
        return NULL;
    }
    if (info.st_size == 0) {
        error_set(error, ERROR_STATE, "%.150s is empty: gcxrecords writes records", file);
        return NULL;
    }
    if (is_writable(file)) return sql_open(target, what, error);
    if (!has_log(file)) return sql_open_still(target, what, error);
    error_set(error, ERROR_DENIED,
              "%.100s has a log, and this user may not write it or its folder, which readers of SQLite have to: run "
              "this as the user of gcxrecords",
              file);
    return NULL;
}

struct sql *reports_open(const char *target, struct error *error)
{
    const char *file = target_file(target);
    struct sql *sql = file ? reports_open_file(target, file, error) : sql_open(target, "the records' database", error);
    if (sql && reports_version(sql, error)) return sql;
    sql_close(sql);
    return NULL;
}
