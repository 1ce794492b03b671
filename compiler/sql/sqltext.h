/* compiler/sql/sqltext.h - The words of a statement in PostgreSQL's SQL, as far as they can be told without a server:
 * what is code and what is quoted or a remark (PostgreSQL's manual, 4.1), and so what kind of statement it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum sqltext_kind { SQLTEXT_EMPTY, SQLTEXT_READS, SQLTEXT_WRITES, SQLTEXT_OTHER };

struct sqltext {
    enum sqltext_kind kind;
    bool outer_join;
    size_t foreign; /* the offset of a $N that stands in the source itself, not for a value in braces; or the length */
    size_t second;  /* the offset where something follows the statement's end; or the length */
    size_t quoted;  /* the index of the first mark that stands in quotes or a remark; or their number */
};

/* `marks`: the offsets of the $N that stand for values, ascending. */
void sqltext_scan(const char *text, size_t length, const size_t *marks, size_t mark_count, struct sqltext *);
