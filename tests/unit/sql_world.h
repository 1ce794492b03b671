/* tests/unit/sql_world.h - A database as a test looks into it, past the program that is tested. */
#pragma once

#include <stdbool.h>

bool sql_world_is_file(const char *target); /* sqlite:PATH; else it is a connection string of PostgreSQL */
/* The database's answer, the cells of a row separated by |, the rows by a line end; until the next call. */
const char *sql_world_asks(const char *target, const char *sql);
