/* compiler/syntax/lexer_rules.h - The actions of the scanner's rules; only lexer.l and words.c include this file.
 *
 * An action that ends a token returns it and sets its value; after a void action the scanner continues. `span` is
 * the place of the matched text. Each action reports the errors of its word. */
#pragma once

#include "compiler/syntax/lexer.h"

void rule_doc(struct lexer *, const struct source_span *);
int rule_word(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
int rule_integer(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
int rule_duration(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
int rule_percent(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
int rule_float(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
int rule_date(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
int rule_time(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
int rule_bad_number(struct lexer *, const char *text, size_t length, PARSER_STYPE *, const struct source_span *);
void rule_quoted(struct lexer *, const char *text, size_t length, const struct source_span *);
int rule_foreign(struct lexer *, const char *text, const char *meant, int token, const struct source_span *);
void rule_stray(struct lexer *, const char *text, const struct source_span *);

/* Strings and SQL. A quote opens a text, values in braces divide it into pieces, and a quote closes it or it ends
 * early. */
void rule_text_open(struct lexer *, const struct source_span *);
void rule_text_go_on(struct lexer *, const struct source_span *);
void rule_text(struct lexer *, const char *bytes, size_t length);
void rule_stray_brace(struct lexer *, const struct source_span *);
void rule_code_point(struct lexer *, const char *text, size_t length, const struct source_span *);
void rule_escape(struct lexer *, const char *text, size_t length, const struct source_span *);
bool rule_can_nest(struct lexer *, const struct source_span *);
int rule_text_value(struct lexer *, bool sql, PARSER_STYPE *, struct source_span *);
int rule_text_close(struct lexer *, bool sql, PARSER_STYPE *, struct source_span *);
int rule_broken_text(struct lexer *, bool sql, PARSER_STYPE *, struct source_span *);
int rule_broken_value(struct lexer *, PARSER_STYPE *, struct source_span *);

/* The source ended. True where a value had no end; the text around it is then reported. */
bool rule_end(struct lexer *, const struct source_span *);
