/* compiler/sql/sqltext.h - Reads a statement of PostgreSQL's SQL without a server: what is code, and what is quoted
 * or a remark (PostgreSQL's manual, 4.1), and so the kind of the statement. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum sqltext_kind { SQLTEXT_EMPTY, SQLTEXT_READS, SQLTEXT_WRITES, SQLTEXT_OTHER };

struct sqltext {
    enum sqltext_kind kind;
    bool outer_join;
    size_t foreign; /* the offset of a $N written by the author himself; or the length */
    size_t second;  /* the offset of text after the statement's end; or the length */
    size_t quoted;  /* the index of the first mark within quotes or a remark; or their number */
};

/* `marks`: the offsets of the $N that replace values, ascending. */
void sqltext_scan(const char *text, size_t length, const size_t *marks, size_t mark_count, struct sqltext *);
