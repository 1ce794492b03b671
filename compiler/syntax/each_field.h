/* compiler/syntax/each_field.h - Code that is repeated for each field of `node`, by the sort of the field.
 *
 *     #define ONE(f) visit(part->f);
 *     #include "compiler/syntax/each_field.h"
 *
 * `part` is the struct of the node's kind. Sorts (ast.def) without a macro are skipped; the macros are undefined at
 * the end. */
#ifndef ONE
#define ONE(f)
#endif
#ifndef MANY
#define MANY(f)
#endif
#ifndef APART
#define APART(f)
#endif
#ifndef WORD
#define WORD(f)
#endif
#ifndef TEXT
#define TEXT(f)
#endif
#ifndef FLAG
#define FLAG(f)
#endif
#ifndef NUMBER
#define NUMBER(f)
#endif
#ifndef REAL
#define REAL(f)
#endif
#ifndef KIND
#define KIND(f)
#endif
#ifndef WHICH
#define WHICH(f)
#endif
switch (node->kind) {
#define NODE(KIND_, member, words, fields)                                                                             \
    case NODE_##KIND_: {                                                                                               \
        __typeof__(&node->member) part = &node->member;                                                                \
        (void)part;                                                                                                    \
        fields                                                                                                         \
    } break;
#include "compiler/syntax/ast.def"
case NODE_KINDS:
    break;
}
