/* runtime/sources/odbc_none.c - Sources by ODBC if gcx was built without unixODBC: each is refused with its name. */
#include "runtime/sources/kind.h"

static bool odbc_none_check(const struct source_options *options, struct error *error)
{
    return error_set(error, ERROR_UNAVAILABLE, "source `%s`: gcx was built without ODBC (Debian: unixodbc-dev)",
                     options->name);
}

const struct source_kind source_odbc = {"odbc", odbc_none_check, NULL, NULL, NULL, NULL, NULL, NULL};
