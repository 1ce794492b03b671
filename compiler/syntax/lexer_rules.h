/* compiler/syntax/lexer_rules.h - What the scanner's rules do; between lexer.l and words.c only. Each gives the token,
 * or nothing where the rule goes on with the next word. `span` is the matched text's. */
#ifndef COMPILER_LEXER_RULES_H
#define COMPILER_LEXER_RULES_H

#include "compiler/syntax/lexer.h"

void rule_doc(struct lexer *, const struct span *);
int rule_word(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
int rule_integer(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
int rule_duration(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
int rule_percent(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
int rule_float(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
int rule_date(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
int rule_time(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
int rule_bad_number(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct span *);
void rule_quoted(struct lexer *, const struct span *); /* 'as elsewhere' */
void rule_stray(struct lexer *, const char *text, const struct span *);

/* Strings and SQL: opened by a quote, cut by values in braces, closed or broken off. */
void rule_text_open(struct lexer *, const struct span *);
void rule_text_go_on(struct lexer *, const struct span *);
void rule_text(struct lexer *, const char *bytes, size_t length);
void rule_stray_brace(struct lexer *, const struct span *);
void rule_code_point(struct lexer *, const char *text, size_t length, const struct span *);
void rule_escape(struct lexer *, const char *text, size_t length, const struct span *);
bool rule_can_nest(struct lexer *, const struct span *);
int rule_text_value(struct lexer *, bool sql, PARSER_STYPE *, struct span *);
int rule_text_close(struct lexer *, bool sql, PARSER_STYPE *, struct span *);
int rule_broken_text(struct lexer *, bool sql, PARSER_STYPE *, struct span *);
int rule_broken_value(struct lexer *, PARSER_STYPE *, struct span *);
bool rule_end(struct lexer *, const struct span *); /* true: a value was left open, and the text around it is told */

#endif
