/* compiler/syntax/parser.y - The grammar: LALR(1), without conflicts except those that the precedence of operators
 * resolves.
 *
 * Every list in braces has an alternative `error T_RECOVER`: after an error the reader skips to the end of the
 * damaged statement and returns T_RECOVER there, so that each error is reported by itself. MAKE makes a node of a
 * row of ast.def (build.h).
 *
 * How an error is skipped, in a list of statements:
 *
 *   stmts: ... | stmts error RECOVER { $$ = $1; yyerrok; }
 *
 *   a = ;          the parser meets `;` where an expression belongs, reports it once, and enters `error`
 *        b = 2;    next() (recovery/parse.c) drops tokens up to the end of the statement, gives T_RECOVER, and then b = 2
 *
 * The list before the error is kept, so a file with ten mistakes in ten statements has ten messages and a tree of
 * all the other statements. `%expect 0` allows no conflict at all: whether a word is a name or a keyword is decided
 * by the scanner's table (words.def) and by the rules `word` and `any`, never by chance. With LAC (`parse.lac full`)
 * the tokens listed in a message are exactly those that the parser would have accepted.
 *
 * Spans are bytes in the range of all files, one file after the other; a node's span is that of its rule, from its
 * first token to its last. */
%require "3.8"
%define api.pure full
%define api.prefix {parser_}
%define api.token.prefix {T_}
%define api.location.type {struct source_span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct parse *parse}
%initial-action { @$ = parse->file->span; }

%code requires {
#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"
struct parse;
}

%union {
    struct word word;
    struct literal text;
    int64_t number;
    double real;
    struct node *node;
    struct nodes nodes;
    int which;
}

%code {
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#include <assert.h>

#include "compiler/syntax/build.h"

#define YYMAXDEPTH 4000
#define DAY_US (86400 * INT64_C(1000000))
#define YYLLOC_DEFAULT(now, rhs, n)                                                                                    \
    ((now) = (n) > 0 ? (struct source_span){YYRHSLOC(rhs, 1).begin, YYRHSLOC(rhs, n).end}                                     \
                     : (struct source_span){YYRHSLOC(rhs, 0).end, YYRHSLOC(rhs, 0).end})

/* The parser calls its scanner by this name; it asks the reader for the next token. */
static int parser_lex(PARSER_STYPE *value, struct source_span *span, struct parse *parse)
{
    return parse->next(parse, value, span);
}
static void parser_error(const struct source_span *, struct parse *, const char *text);
}

%token EOF 0 /* END comes before it: bison can recover from an error at END, but not at EOF */
%token END
%token <word> NAME
%token <word> BY GOAL AGE PREVIEW RING ANSWER REPLY ABSENCE WHISPER TRIES PAUSE TIMEOUT UNTIL EVERY TO THEN WHERE BUSY WITHIN OF OVER SINCE KEYS EDIT
%token <word> ZONE SCHEMA FROM KEY SECRET CLOSED EACH AT PREFIX MATCH TIMES SHARE MEDIUM CAMPAIGN LANGUAGE ORDER VIEW LINT RULE
%token <word> KIND
%token <word> IMPORT CONST RECORD ENUM FUNCTION NATIVE SUBROUTINE STRATEGY TEST SITE ATTACHED SOURCE ENDPOINT PARAMETER
%token <word> TABLE SCHEDULE STATISTIC LATCH COUNTER CAPACITY SIGNAL DEFAULT
%token <word> LET ATTACH IF ELSE WHILE FOR REPEAT BREAK CONTINUE RETURN GOTO FAIL SWITCH SEGMENT SPLIT RACE PARALLEL
%token <word> MANDATORY ON COUNT EXCLUDE SELECT CONNECT QUERY
%token <word> ROUTE STOP REJECT DELAY WAIT EXPECT NEVER AFTER AND OR NOT IN MOD NONE TRUE FALSE IT
%token <number> INTEGER DURATION PERCENT DATE TIME
%token <real> FLOAT
%token <text> STRING STR_HEAD STR_MID STR_TAIL SQL SQL_HEAD SQL_MID SQL_TAIL
%token EQ NE LE GE ADD_SET SUB_SET ARROW DOTDOT OPTDOT
%token RECOVER

%left OR
%left AND
%precedence NOT
%nonassoc EQ NE '<' LE '>' GE IN
%precedence DOTDOT
%left '+' '-'
%left '*' '/' MOD
%precedence NEGATIVE

%type <word> word named any taken literal_word label event_name
%type <node> decl language import const record enum function native strategy site test
%type <node> field param outer_param param_default handler type type_opt result_opt
%type <node> orders within_opt body_item site_item column schedule_line day day_atom hours window_opt keys_opt capacity_rule order_rule view_rule view_condition lint_line rule_kind rule_line example_decl url
%type <node> block stmt if arm split_arm where_opt schedule_opt action simple set jump rhs head end query_type select_line share_opt
%type <node> several race_arm child timeout_opt bounds
%type <node> clause otherwise_opt otherwise otherwise_what
%type <node> pattern atom dotted
%type <node> of_it part_of_it to_compared to
%type <node> expr postfix primary attached_key number moment instant template sql arg entry range kind_label measured
%type <node> item part agent_word step_call outcome outcome_what event limit
%type <word> order_by edit_opt zone_opt from_opt
%type <nodes> decls fields field_list params params_opt param_list outer_params outer_param_list body site_items labels words enum_words
%type <nodes> orders_several columns column_list schedule_lines days hours_list kinds capacity_rules order_rules lint_lines texts rule_kinds rule_lines example_decls
%type <nodes> stmts arms split_arms race_arms children patterns
%type <nodes> clauses select_lines lines_of_queue further_queues path media on_media_opt template_parts sql_parts args arg_list exprs entries
%type <node> for_each
%type <nodes> rows items parts agent_words kind_labels outcomes events limits args_opt view_rules view_columns view_conditions
%type <which> assign_op view_sign

%%

file:
    decls END { parse->file->span = @decls; parse->file->file.declarations = $decls; }
    ;

decls:
    %empty { $$ = build_none(); }
    | decls decl { $$ = build_add($1, build_doc(parse, $decl)); }
    | decls error RECOVER { $$ = $1; yyerrok; }
    ;

decl: language | import | const | record | enum | function | native | strategy | site | test ;

language: LANGUAGE INTEGER ';' { $$ = MAKE(language, @$, $INTEGER); } ;

import: IMPORT path ';' { $$ = MAKE(import, @$, $path); } ;

path:
    any { $$ = build_one(build_name(parse, $any)); }
    | path '.' any { $$ = build_add($1, build_name(parse, $any)); }
    ;

const: CONST word type_opt '=' expr ';' { $$ = MAKE(constant, @$, $word, $type_opt, $expr); } ;

record: RECORD word '{' fields '}' { $$ = MAKE(record, @$, $word, $fields); } ;

enum: ENUM word '{' enum_words '}' { $$ = MAKE(enumeration, @$, $word, $enum_words); } ;

enum_words:
    word { $$ = build_one(build_doc(parse, build_label(parse, $word))); }
    | enum_words ',' word { $$ = build_add($1, build_doc(parse, build_label(parse, $word))); }
    | error RECOVER { $$ = build_none(); yyerrok; }
    | enum_words error RECOVER { $$ = $1; yyerrok; }
    ;

fields: field_list | field_list field { $$ = build_add($1, build_doc(parse, $field)); } ;

field_list:
    %empty { $$ = build_none(); }
    | field_list field ';' { $$ = build_add($1, build_doc(parse, $field)); }
    | field_list error RECOVER { $$ = $1; yyerrok; }
    ;

field:
    any ':' type { $$ = MAKE(field, @$, $any, $type, false); }
    | SECRET any ':' type { $$ = MAKE(field, @$, $any, $type, true); }
    ;

function:
    FUNCTION word '(' params ')' result_opt block
        { $$ = MAKE(function, @$, $word, $params, $result_opt, $block, false); }
    | SUBROUTINE word '(' params ')' result_opt block
        { $$ = MAKE(function, @$, $word, $params, $result_opt, $block, true); }
    ;

native:
    NATIVE FUNCTION word '(' params ')' result_opt FROM STRING ';'
        { $$ = MAKE(native, @$, $word, $params, $result_opt, build_quoted(parse, $STRING, @STRING)); }
    ;

result_opt: %empty { $$ = NULL; } | ':' type { $$ = $type; } ;

params: %empty { $$ = build_none(); } | param_list ;

param_list:
    param { $$ = build_one($param); }
    | param_list ',' param { $$ = build_add($1, $param); }
    ;

/* Names chosen outside of the program: of parameters sent to an endpoint, of a signal's values. */
outer_params: %empty { $$ = build_none(); } | outer_param_list ;

outer_param_list:
    outer_param { $$ = build_one($outer_param); }
    | outer_param_list ',' outer_param { $$ = build_add($1, $outer_param); }
    ;

outer_param: any ':' type param_default { $$ = MAKE(param, @$, $any, $type, $param_default); } ;

param: word ':' type param_default { $$ = MAKE(param, @$, $word, $type, $param_default); } ;

param_default: %empty { $$ = NULL; } | '=' expr { $$ = $expr; } ;

strategy:
    STRATEGY word params_opt ON media within_opt '{' body '}'
        { $$ = build_strategy(parse, @$, $word, $params_opt, $media, $within_opt, $body); }
    ;

params_opt: %empty { $$ = build_none(); } | '(' params ')' { $$ = $params; } ;

within_opt: %empty { $$ = NULL; } | WITHIN expr { $$ = $expr; } ;

media:
    dotted { $$ = build_one($dotted); }
    | media ',' dotted { $$ = build_add($1, $dotted); }
    ;

on_media_opt: %empty { $$ = build_none(); } | ON media { $$ = $media; } ;

body:
    %empty { $$ = build_none(); }
    | body body_item { $$ = build_add($1, $body_item); }
    | body error RECOVER { $$ = $1; yyerrok; }
    ;

body_item:
    stmt
    | ATTACHED '{' fields '}' { $$ = MAKE(site_keys, @$, $fields); }
    | handler
    ;

handler:
    ON any block { $$ = MAKE(handler, @$, $any, build_unnamed(), build_unnamed(), $block); }
    | ON any '(' word ')' block { $$ = MAKE(handler, @$, $any, build_unnamed(), $word, $block); }
    | ON SIGNAL word block { $$ = MAKE(handler, @$, $SIGNAL, $3, build_unnamed(), $block); }
    | ON SIGNAL word '(' word ')' block { $$ = MAKE(handler, @$, $SIGNAL, $3, $5, $block); }
    ;

site: SITE '{' site_items '}' { $$ = MAKE(site, @$, $site_items); } ;

site_items:
    %empty { $$ = build_none(); }
    | site_items site_item { $$ = build_add($1, build_doc(parse, $site_item)); }
    | site_items error RECOVER { $$ = $1; yyerrok; }
    ;

site_item:
    KIND labels ';' { $$ = MAKE(site_names, @$, build_kind($KIND), $labels); }
    | ZONE labels ';' { $$ = MAKE(site_names, @$, KIND_ZONE, $labels); }
    | KIND label '=' expr ';' { $$ = MAKE(site_virtual, @$, build_kind($KIND), $label, $expr); }
    | ATTACHED '{' fields '}' { $$ = MAKE(site_keys, @$, $fields); }
    | DEFAULT EXCLUDE expr ';' { $$ = MAKE(site_default, @$, $EXCLUDE, $expr, NULL, build_none()); }
    | DEFAULT word orders on_media_opt ';' { $$ = MAKE(site_default, @$, $word, $orders, NULL, $on_media_opt); }
    | DEFAULT word[name] orders named[schedule] on_media_opt[media] ';'
        { $$ = MAKE(site_default, @$, $name, $orders, build_name(parse, $schedule), $media); }
    | DEFAULT BUSY block { $$ = MAKE(site_default, @$, $BUSY, $block, NULL, build_none()); }
    | SOURCE word SCHEMA STRING ';'
        { $$ = MAKE(site_source, @$, $word, build_unnamed(), build_quoted(parse, $STRING, @STRING)); }
    | SOURCE word NAME SCHEMA STRING ';'
        { $$ = MAKE(site_source, @$, $word, build_source_kind(parse, $NAME), build_quoted(parse, $STRING, @STRING)); }
    | ENDPOINT word '(' outer_params ')' result_opt '=' word url timeout_opt ';'
        { $$ = MAKE(endpoint, @$, $2, $outer_params, $result_opt, $8, $url, $timeout_opt); }
    | PARAMETER word ':' type '=' expr bounds edit_opt ';'
        { $$ = MAKE(parameter, @$, $word, $type, $expr, $bounds, $edit_opt); }
    | PARAMETER word ':' type '(' range ')' '=' expr edit_opt ';'
        { $$ = MAKE(parameter, @$, $word, $type, $expr, $range, $edit_opt); }
    | TABLE word from_opt edit_opt '{' columns '}'
        { $$ = MAKE(table, @$, $word, $from_opt, $edit_opt, $columns); }
    | SCHEDULE word zone_opt edit_opt '{' schedule_lines '}'
        { $$ = MAKE(schedule, @$, $word, $zone_opt, $edit_opt, $schedule_lines); }
    | STATISTIC word '(' kinds ')' '=' expr window_opt ';'
        { $$ = MAKE(statistic, @$, $word, $kinds, $expr, $window_opt); }
    | LATCH word '=' expr UNTIL expr ';' { $$ = MAKE(latch, @$, $word, $4, $6); }
    | COUNTER word window_opt ';' { $$ = MAKE(counter, @$, $word, NULL, $window_opt, NULL); }
    | COUNTER word '[' type ']' window_opt keys_opt ';'
        { $$ = MAKE(counter, @$, $word, $type, $window_opt, $keys_opt); }
    | CAPACITY word '{' capacity_rules '}' { $$ = MAKE(capacity, @$, $word, $capacity_rules); }
    | ORDER FOR word order_by '{' order_rules '}' { $$ = MAKE(order, @$, $word, $order_by, $order_rules); }
    | VIEW word OF kind_label '{' view_rules '}' { $$ = MAKE(site_view, @$, $word, $kind_label, $view_rules); }
    | MEDIUM word '=' expr ';' { $$ = MAKE(site_medium, @$, $word, $expr); }
    | SIGNAL word '(' outer_params ')' ';' { $$ = MAKE(signal, @$, $word, $outer_params); }
    | LINT '{' lint_lines '}' { $$ = MAKE(site_lint, @$, $lint_lines); }
    | RULE label FOR rule_kinds '{' rule_lines '}' { $$ = MAKE(site_rule, @$, $label, $rule_kinds, $rule_lines); }
    ;

rule_kinds:
    rule_kind { $$ = build_one($rule_kind); }
    | rule_kinds ',' rule_kind { $$ = build_add($1, $rule_kind); }
    ;

rule_kind:
    any { $$ = build_label(parse, $any); }
    | any '.' any { $$ = build_label(parse, build_dotted(parse, $1, $3)); }
    ;

rule_lines:
    %empty { $$ = build_none(); }
    | rule_lines rule_line { $$ = build_add($1, $rule_line); }
    | rule_lines error RECOVER { $$ = $1; yyerrok; }
    ;

/* An example is statements or declarations: the first token tells. */
rule_line:
    WHERE expr ';' { $$ = MAKE(rule_line, @$, $WHERE, build_one($expr)); }
    | NAME expr ';' { $$ = MAKE(rule_line, @$, $NAME, build_one($expr)); }
    | NAME '{' stmts '}' { $$ = MAKE(rule_example, @$, $NAME, $stmts); }
    | NAME '{' example_decls '}' { $$ = MAKE(rule_example, @$, $NAME, $example_decls); }
    ;

example_decls:
    example_decl { $$ = build_one($example_decl); }
    | example_decls example_decl { $$ = build_add($1, $example_decl); }
    ;

example_decl: const | record | enum | function | native | strategy | site ;

lint_lines:
    %empty { $$ = build_none(); }
    | lint_lines lint_line ';' { $$ = build_add($1, $lint_line); }
    | lint_lines error RECOVER { $$ = $1; yyerrok; }
    ;

lint_line:
    labels NAME { $$ = MAKE(lint_line, @$, $labels, $NAME, build_none()); }
    | labels NAME IN texts { $$ = MAKE(lint_line, @$, $labels, $NAME, $texts); }
    ;

texts:
    STRING { $$ = build_one(build_label(parse, build_quoted(parse, $STRING, @STRING))); }
    | texts ',' STRING { $$ = build_add($1, build_label(parse, build_quoted(parse, $STRING, @STRING))); }
    ;

url: STRING { $$ = MAKE(string, @$, $STRING); } | template ;

timeout_opt: %empty { $$ = NULL; } | TIMEOUT expr { $$ = $expr; } ;

bounds: %empty { $$ = NULL; } | WITHIN expr { $$ = $expr; } | WITHIN range { $$ = $range; } ;

edit_opt: %empty { $$ = build_unnamed(); } | EDIT word { $$ = $word; } ;
zone_opt: %empty { $$ = build_unnamed(); } | ZONE STRING { $$ = build_quoted(parse, $STRING, @STRING); } ;
from_opt: %empty { $$ = build_unnamed(); } | FROM STRING { $$ = build_quoted(parse, $STRING, @STRING); } ;

columns: column_list | column_list column { $$ = build_add($1, build_doc(parse, $column)); } ;

column_list:
    %empty { $$ = build_none(); }
    | column_list column ';' { $$ = build_add($1, build_doc(parse, $column)); }
    | column_list error RECOVER { $$ = $1; yyerrok; }
    ;

column:
    any ':' type { $$ = MAKE(column, @$, $any, $type, false, false); }
    | KEY any ':' type { $$ = MAKE(column, @$, $any, $type, true, false); }
    | KEY PREFIX any ':' type { $$ = MAKE(column, @$, $any, $type, true, true); }
    ;

schedule_lines:
    %empty { $$ = build_none(); }
    | schedule_lines schedule_line { $$ = build_add($1, $schedule_line); }
    | schedule_lines error RECOVER { $$ = $1; yyerrok; }
    ;

schedule_line:
    days CLOSED ';' { $$ = MAKE(schedule_line, @$, $days, true, build_none()); }
    | days hours_list ';' { $$ = MAKE(schedule_line, @$, $days, false, $hours_list); }
    ;

days:
    day { $$ = build_one($day); }
    | days ',' day { $$ = build_add($1, $day); }
    ;

day: day_atom | day_atom DOTDOT day_atom { $$ = MAKE(range, @$, $1, $3); } ;

day_atom:
    NAME { $$ = build_name(parse, $NAME); }
    | DATE { $$ = MAKE(date, @$, $DATE / DAY_US); }
    | NAME NAME { $$ = MAKE(holidays, @$, $1, $2); }
    | NAME STRING { $$ = MAKE(holidays, @$, $1, build_quoted(parse, $STRING, @STRING)); }
    ;

hours_list:
    hours { $$ = build_one($hours); }
    | hours_list ',' hours { $$ = build_add($1, $hours); }
    ;

hours: TIME DOTDOT TIME { $$ = MAKE(range, @$, MAKE(clock, @1, $1), MAKE(clock, @3, $3)); } ;

measured:
    KIND { $$ = MAKE(type_kind, @$, build_kind($KIND)); }
    | STRATEGY { $$ = MAKE(type_kind, @$, KIND_STRATEGY); }
    | CAMPAIGN { $$ = MAKE(type_kind, @$, KIND_CAMPAIGN); }
    ;

kinds:
    measured { $$ = build_one($measured); }
    | kinds ',' measured { $$ = build_add($1, $measured); }
    ;

window_opt:
    %empty { $$ = NULL; }
    | OVER expr { $$ = MAKE(window, @$, false, $expr); }
    | SINCE expr { $$ = MAKE(window, @$, true, $expr); }
    ;

keys_opt: %empty { $$ = NULL; } | KEYS expr { $$ = $expr; } ;

capacity_rules:
    %empty { $$ = build_none(); }
    | capacity_rules capacity_rule ';' { $$ = build_add($1, $capacity_rule); }
    | capacity_rules error RECOVER { $$ = $1; yyerrok; }
    ;

capacity_rule:
    word INTEGER { $$ = MAKE(capacity_rule, @$, $word, $INTEGER, build_unnamed(), build_unnamed()); }
    | word word word { $$ = MAKE(capacity_rule, @$, $1, 0, $2, $3); }
    ;

order_by: %empty { $$ = build_unnamed(); } | BY word { $$ = $word; } ;

order_rules:
    %empty { $$ = build_none(); }
    | order_rules order_rule ';' { $$ = build_add($1, $order_rule); }
    | order_rules error RECOVER { $$ = $1; yyerrok; }
    ;

order_rule:
    kind_labels { $$ = MAKE(order_rule, @$, $kind_labels, build_unnamed(), NULL, false); }
    | kind_labels AFTER expr { $$ = MAKE(order_rule, @$, $kind_labels, build_unnamed(), $expr, false); }
    | kind_labels NEVER { $$ = MAKE(order_rule, @$, $kind_labels, build_unnamed(), NULL, true); }
    | word { $$ = MAKE(order_rule, @$, build_none(), $word, NULL, false); }
    | word AFTER expr { $$ = MAKE(order_rule, @$, build_none(), $word, $expr, false); }
    | word NEVER { $$ = MAKE(order_rule, @$, build_none(), $word, NULL, true); }
    ;

view_rules:
    %empty { $$ = build_none(); }
    | view_rules view_rule ';' { $$ = build_add($1, $view_rule); }
    | view_rules error RECOVER { $$ = $1; yyerrok; }
    ;

view_rule:
    WHERE view_conditions { $$ = MAKE(view_rule, @$, $WHERE, false, $view_conditions); }
    | ORDER BY any { $$ = MAKE(view_rule, @$, $ORDER, false, build_one(build_label(parse, $any))); }
    | ORDER BY '-' any { $$ = MAKE(view_rule, @$, $ORDER, true, build_one(build_label(parse, $any))); }
    | NAME view_columns { $$ = MAKE(view_rule, @$, $NAME, false, $view_columns); }
    ;

view_columns:
    any { $$ = build_one(build_label(parse, $any)); }
    | view_columns ',' any { $$ = build_add($1, build_label(parse, $any)); }
    ;

view_conditions:
    view_condition { $$ = build_one($view_condition); }
    | view_conditions ',' view_condition { $$ = build_add($1, $view_condition); }
    ;

view_condition:
    any view_sign expr { $$ = MAKE(view_condition, @$, $any, $view_sign, build_unnamed(), $expr); }
    | any NAME expr { $$ = MAKE(view_condition, @$, $any, SIGN_EQ, $NAME, $expr); }
    ;

view_sign:
    EQ { $$ = SIGN_EQ; }
    | NE { $$ = SIGN_NE; }
    | '<' { $$ = SIGN_LT; }
    | LE { $$ = SIGN_LE; }
    | '>' { $$ = SIGN_GT; }
    | GE { $$ = SIGN_GE; }
    ;

labels:
    label { $$ = build_one(build_label(parse, $label)); }
    | labels ',' label { $$ = build_add($1, build_label(parse, $label)); }
    ;

label: word | STRING { $$ = build_quoted_name(parse, $STRING, @STRING); } ;

words:
    word { $$ = build_one(build_label(parse, $word)); }
    | words ',' word { $$ = build_add($1, build_label(parse, $word)); }
    ;

type_opt: %empty { $$ = NULL; } | ':' type { $$ = $type; } ;

type:
    word { $$ = MAKE(type_name, @$, $word, NULL); }
    | KIND { $$ = MAKE(type_kind, @$, build_kind($KIND)); }
    | SCHEDULE { $$ = MAKE(type_name, @$, $SCHEDULE, NULL); }
    | word '<' type '>' { $$ = MAKE(type_name, @$, $word, $3); }
    | type '?' { $$ = MAKE(type_option, @$, $1); }
    ;

word: named | OF | ZONE ;

/* What may follow an expression: `default reply 4h answer`. */
named: NAME | BY | GOAL | AGE | PREVIEW | RING | ANSWER | REPLY | ABSENCE | WHISPER | TRIES | PAUSE | TIMEOUT | UNTIL | EVERY | TO | THEN | WHERE | BUSY
    | WITHIN | OVER | SINCE | KEYS | EDIT | SCHEMA | FROM | KEY | SECRET | CLOSED | EACH | AT | PREFIX | MATCH | TIMES
    | SHARE | MEDIUM | CAMPAIGN | LANGUAGE | ORDER | VIEW | LINT | RULE ;

any: word | taken | literal_word ;

/* A name after a dot, before a colon, and where a key is attached. */
taken: KIND | IMPORT | CONST | RECORD | ENUM | FUNCTION | NATIVE | SUBROUTINE | STRATEGY | TEST | SITE | ATTACHED
    | SOURCE | ENDPOINT | PARAMETER | TABLE | SCHEDULE | STATISTIC | LATCH | COUNTER | CAPACITY | SIGNAL | DEFAULT
    | LET | ATTACH | IF | ELSE | WHILE | FOR | REPEAT | BREAK | CONTINUE | RETURN | GOTO | FAIL | SWITCH | SEGMENT
    | SPLIT | RACE | PARALLEL | MANDATORY | ON | COUNT | EXCLUDE | SELECT | CONNECT | QUERY | ROUTE | STOP | REJECT
    | DELAY | WAIT | EXPECT | NEVER | AFTER | AND | OR | NOT | IN | MOD ;

literal_word: NONE | TRUE | FALSE | IT ; /* build_key() makes a name of it where a key is attached */


/* Statements. */

block: '{' stmts '}' { $$ = MAKE(block, @$, $stmts); } ;

stmts:
    %empty { $$ = build_none(); }
    | stmts stmt { $$ = build_add($1, $stmt); }
    | stmts error RECOVER { $$ = $1; yyerrok; }
    ;

stmt:
    simple ';' { $$ = $simple; }
    | word ':' stmt { $$ = MAKE(labelled, @$, $word, $3); }
    | if
    | WHILE expr block { $$ = MAKE(loop, @$, $expr, $block); }
    | FOR words IN expr block { $$ = MAKE(each, @$, $words, $expr, $block); }
    | REPEAT block { $$ = MAKE(repeat, @$, NULL, $block); }
    | REPEAT expr block { $$ = MAKE(repeat, @$, $expr, $block); }
    | SEGMENT expr '{' arms '}' { $$ = MAKE(segment, @$, $expr, $arms); }
    | SPLIT '{' split_arms '}' { $$ = MAKE(split, @$, NULL, $split_arms); }
    | SPLIT BY expr '{' split_arms '}' { $$ = MAKE(split, @$, $expr, $split_arms); }
    | MANDATORY block { $$ = MAKE(mandatory, @$, $block); }
    ;

if:
    IF expr block { $$ = MAKE(choice, @$, $expr, $block, NULL); }
    | IF expr block ELSE block { $$ = MAKE(choice, @$, $expr, $3, $5); }
    | IF expr block ELSE if { $$ = MAKE(choice, @$, $expr, $3, $5); }
    ;

arms:
    %empty { $$ = build_none(); }
    | arms arm { $$ = build_add($1, $arm); }
    | arms error RECOVER { $$ = $1; yyerrok; }
    ;

arm:
    patterns ARROW action { $$ = MAKE(arm, @$, $patterns, false, $action); }
    | ELSE ARROW action { $$ = MAKE(arm, @$, build_none(), true, $action); }
    ;

split_arms:
    %empty { $$ = build_none(); }
    | split_arms split_arm { $$ = build_add($1, $split_arm); }
    | split_arms error RECOVER { $$ = $1; yyerrok; }
    ;

split_arm:
    expr where_opt ARROW action { $$ = MAKE(split_arm, @$, $expr, $where_opt, false, $action); }
    | ELSE ARROW action { $$ = MAKE(split_arm, @$, NULL, NULL, true, $action); }
    ;

where_opt: %empty { $$ = NULL; } | WHERE expr { $$ = $expr; } ;

action: block | simple ';' ;

patterns:
    pattern { $$ = build_one($pattern); }
    | patterns ',' pattern { $$ = build_add($1, $pattern); }
    ;

pattern:
    atom
    | atom DOTDOT atom { $$ = MAKE(range, @$, $1, $3); }
    | PREFIX STRING { $$ = MAKE(prefix, @$, $STRING); }
    | MATCH STRING { $$ = MAKE(match, @$, $STRING); }
    | IN dotted { $$ = MAKE(within, @$, $dotted); }
    ;

atom:
    dotted
    | number
    | '-' number { $$ = build_negative(@$, $number); }
    | DATE { $$ = MAKE(date, @$, $DATE / DAY_US); }
    | instant
    | TIME { $$ = MAKE(clock, @$, $TIME); }
    | STRING { $$ = MAKE(string, @$, $STRING); }
    | TRUE { $$ = MAKE(boolean, @$, true); }
    | FALSE { $$ = MAKE(boolean, @$, false); }
    | NONE { $$ = build_node(parse, @$, NODE_NONE); }
    | kind_label
    ;

dotted:
    word { $$ = build_name(parse, $word); }
    | dotted '.' any { $$ = MAKE(member, @$, $1, $any, false); }
    ;

simple:
    set
    | postfix assign_op rhs { $$ = MAKE(assign, @$, $assign_op, build_target(parse, $postfix, $assign_op), $rhs); }
    | rhs { $$ = MAKE(act, @$, $rhs); }
    | jump
    | COUNT postfix { $$ = MAKE(count, @$, $postfix); }
    | EXCLUDE expr FOR expr { $$ = MAKE(exclude, @$, $2, $4); }
    | several clauses otherwise_opt
        { $$ = MAKE(act, @$, build_step(parse, @$, $several, $clauses, $otherwise_opt)); }
    ;

/* A symbol of its own: an error after the braces must not be recovered within them. */
several:
    RACE '{' race_arms '}' { $$ = MAKE(race, @$, $race_arms); }
    | PARALLEL '{' children '}' { $$ = MAKE(parallel, @$, $children); }
    ;

set:
    LET word type_opt '=' rhs { $$ = MAKE(let, @$, $word, $type_opt, $rhs); }
    | ATTACH postfix '=' rhs { $$ = MAKE(attach, @$, build_key(parse, $postfix), $rhs); }
    | ATTACH taken '=' rhs { $$ = MAKE(attach, @$, build_name(parse, $taken), $rhs); }
    ;

race_arms:
    %empty { $$ = build_none(); }
    | race_arms race_arm { $$ = build_add($1, $race_arm); }
    | race_arms error RECOVER { $$ = $1; yyerrok; }
    ;

race_arm:
    head clauses ARROW action
        { $$ = MAKE(race_arm, @$, build_unnamed(), build_step(parse, @head, $head, $clauses, NULL), $action); }
    | LET word '=' head clauses ARROW action
        { $$ = MAKE(race_arm, @$, $word, build_step(parse, @head, $head, $clauses, NULL), $action); }
    ;

children:
    %empty { $$ = build_none(); }
    | children child ';' { $$ = build_add($1, $child); }
    | children error RECOVER { $$ = $1; yyerrok; }
    ;

child: set | rhs { $$ = MAKE(act, @$, $rhs); } ;

assign_op: '=' { $$ = SIGN_SET; } | ADD_SET { $$ = SIGN_ADD; } | SUB_SET { $$ = SIGN_SUB; } ;

jump:
    GOTO word { $$ = MAKE(jump, @$, $word); }
    | FAIL expr { $$ = MAKE(fail, @$, $expr); }
    | RETURN { $$ = MAKE(result, @$, NULL); }
    | RETURN expr { $$ = MAKE(result, @$, $expr); }
    | BREAK { $$ = build_node(parse, @$, NODE_BREAK); }
    | CONTINUE { $$ = build_node(parse, @$, NODE_CONTINUE); }
    | SWITCH TO expr { $$ = MAKE(switching, @$, $expr); }
    ;

/* Right sides: an expression or a step with its clauses and its exit. */

rhs: head clauses otherwise_opt { $$ = build_step(parse, @$, $head, $clauses, $otherwise_opt); } ;

head:
    expr
    | QUERY word word query_type sql { $$ = MAKE(query, @$, $2, build_query_form(parse, $3), $query_type, $sql); }
    | SELECT IN expr lines_of_queue further_queues { $$ = MAKE(select, @$, false, $expr, build_joined($lines_of_queue, $further_queues)); }
    | CONNECT IN expr lines_of_queue further_queues { $$ = MAKE(select, @$, true, $expr, build_joined($lines_of_queue, $further_queues)); }
    | DELAY expr { $$ = MAKE(delay, @$, $expr); }
    | WAIT FOR word { $$ = MAKE(wait, @$, $word); }
    | end
    ;

end:
    ROUTE expr { $$ = MAKE(route, @$, $expr); }
    | STOP expr { $$ = MAKE(stop, @$, $expr); }
    | REJECT expr { $$ = MAKE(reject, @$, $expr); }
    ;

query_type: %empty { $$ = NULL; } | type ;

select_lines:
    %empty { $$ = build_none(); }
    | select_lines select_line { $$ = build_add($1, $select_line); }
    | select_lines error RECOVER { $$ = $1; yyerrok; }
    ;

/* A list of its own: an error after the '}' must not be recovered among the lines. */
lines_of_queue: '{' select_lines '}' { $$ = $select_lines; } ;

further_queues:
    %empty { $$ = build_none(); }
    | further_queues IN expr lines_of_queue { $$ = build_joined($1, build_further(parse, @lines_of_queue, $expr, $lines_of_queue)); }
    ;

select_line:
    expr share_opt where_opt ';' { $$ = MAKE(line, @$, NULL, NULL, $expr, $share_opt, $where_opt); }
    | AFTER expr ':' expr share_opt where_opt ';' { $$ = MAKE(line, @$, NULL, $2, $4, $share_opt, $where_opt); }
    ;

share_opt: %empty { $$ = NULL; } | SHARE expr { $$ = $expr; } ;

clauses:
    %empty { $$ = build_none(); }
    | clauses clause { $$ = build_clauses(parse, $1, $clause); }
    ;

clause:
    BY orders { $$ = MAKE(clause, @$, CLAUSE_BY, $orders, NULL, NULL); }
    | GOAL expr { $$ = MAKE(clause, @$, CLAUSE_GOAL, $expr, NULL, NULL); }
    | AGE expr { $$ = MAKE(clause, @$, CLAUSE_AGE, $expr, NULL, NULL); }
    | PREVIEW expr { $$ = MAKE(clause, @$, CLAUSE_PREVIEW, $expr, NULL, NULL); }
    | RING expr { $$ = MAKE(clause, @$, CLAUSE_RING, $expr, NULL, NULL); }
    | ANSWER expr { $$ = MAKE(clause, @$, CLAUSE_ANSWER, $expr, NULL, NULL); }
    | REPLY expr schedule_opt { $$ = MAKE(clause, @$, CLAUSE_REPLY, $expr, NULL, $schedule_opt); }
    | ABSENCE expr { $$ = MAKE(clause, @$, CLAUSE_ABSENCE, $expr, NULL, NULL); }
    | EXCLUDE expr { $$ = MAKE(clause, @$, CLAUSE_EXCLUDE, $expr, NULL, NULL); }
    | WHISPER expr { $$ = MAKE(clause, @$, CLAUSE_WHISPER, $expr, NULL, NULL); }
    | TRIES expr { $$ = MAKE(clause, @$, CLAUSE_TRIES, $expr, NULL, NULL); }
    | PAUSE expr { $$ = MAKE(clause, @$, CLAUSE_PAUSE, $expr, NULL, NULL); }
    | TIMEOUT expr { $$ = MAKE(clause, @$, CLAUSE_TIMEOUT, $expr, NULL, NULL); }
    | UNTIL expr { $$ = MAKE(clause, @$, CLAUSE_UNTIL, $expr, NULL, NULL); }
    | EVERY expr { $$ = MAKE(clause, @$, CLAUSE_EVERY, $expr, NULL, NULL); }
    | TO expr { $$ = MAKE(clause, @$, CLAUSE_TO, $expr, NULL, NULL); }
    | THEN expr where_opt { $$ = MAKE(clause, @$, CLAUSE_THEN, $expr, $where_opt, NULL); }
    | BUSY block { $$ = MAKE(clause, @$, CLAUSE_BUSY, $block, NULL, NULL); }
    ;

/* The first order decides, and each further one among those whom the orders before it leave equal. */
orders: expr | orders_several { $$ = MAKE(orders, @$, $orders_several); } ;

orders_several:
    expr[first] ',' expr[second] { $$ = build_add(build_one($first), $second); }
    | orders_several ',' expr { $$ = build_add($1, $expr); }
    ;

/* The schedule whose open hours alone count. */
schedule_opt: %empty { $$ = NULL; } | NAME { $$ = build_name(parse, $NAME); } ;

otherwise_opt: %empty { $$ = NULL; } | otherwise ;

otherwise:
    ELSE otherwise_what { $$ = MAKE(otherwise, @$, build_unnamed(), $otherwise_what); }
    | ELSE word block { $$ = MAKE(otherwise, @$, $word, $block); }
    ;

otherwise_what: expr | jump | block | end clauses { $$ = build_step(parse, @$, $end, $clauses, NULL); } ;

/* Expressions. */

expr:
    expr OR expr { $$ = build_binary(parse, @$, SIGN_OR, @2, $1, $3); }
    | expr AND expr { $$ = build_binary(parse, @$, SIGN_AND, @2, $1, $3); }
    | NOT expr { $$ = MAKE(unary, @$, SIGN_NOT, $2); }
    | expr EQ expr { $$ = build_binary(parse, @$, SIGN_EQ, @2, $1, $3); }
    | expr NE expr { $$ = build_binary(parse, @$, SIGN_NE, @2, $1, $3); }
    | expr '<' expr { $$ = build_binary(parse, @$, SIGN_LT, @2, $1, $3); }
    | expr LE expr { $$ = build_binary(parse, @$, SIGN_LE, @2, $1, $3); }
    | expr '>' expr { $$ = build_binary(parse, @$, SIGN_GT, @2, $1, $3); }
    | expr GE expr { $$ = build_binary(parse, @$, SIGN_GE, @2, $1, $3); }
    | expr IN expr { $$ = build_binary(parse, @$, SIGN_IN, @2, $1, $3); }
    | expr IN range %prec IN { $$ = build_binary(parse, @$, SIGN_IN, @2, $1, $3); }
    | expr '+' expr { $$ = build_binary(parse, @$, SIGN_ADD, @2, $1, $3); }
    | expr '-' expr { $$ = build_binary(parse, @$, SIGN_SUB, @2, $1, $3); }
    | expr '*' expr { $$ = build_binary(parse, @$, SIGN_MUL, @2, $1, $3); }
    | expr '/' expr { $$ = build_binary(parse, @$, SIGN_DIV, @2, $1, $3); }
    | expr MOD expr { $$ = build_binary(parse, @$, SIGN_MOD, @2, $1, $3); }
    | '-' expr %prec NEGATIVE { $$ = MAKE(unary, @$, SIGN_NEG, $2); }
    | kind_label OF postfix { $$ = MAKE(of, @$, $kind_label, $postfix); }
    | postfix
    ;

range: expr DOTDOT expr { $$ = MAKE(range, @$, $1, $3); } ;

postfix:
    primary
    | postfix '.' any { $$ = MAKE(member, @$, $1, $any, false); }
    | postfix OPTDOT any { $$ = MAKE(member, @$, $1, $any, true); }
    | postfix '[' expr ']' { $$ = MAKE(index, @$, $1, $expr); }
    | postfix '(' args ')' { $$ = MAKE(call, @$, $1, $args); }
    ;

args: %empty { $$ = build_none(); } | arg_list ;

arg_list:
    arg { $$ = build_one($arg); }
    | arg_list ',' arg { $$ = build_add($1, $arg); }
    ;

arg:
    expr { $$ = MAKE(arg, @$, build_unnamed(), $expr); }
    | any ':' expr { $$ = MAKE(arg, @$, $any, $expr); }
    | STRATEGY label { $$ = MAKE(arg, @$, build_unnamed(), MAKE(kind_name, @$, KIND_STRATEGY, $label)); }
    | CAMPAIGN label { $$ = MAKE(arg, @$, build_unnamed(), MAKE(kind_name, @$, KIND_CAMPAIGN, $label)); }
    | STRING ':' expr { $$ = MAKE(arg, @$, build_quoted(parse, $STRING, @STRING), $expr); }
    ;

primary:
    word { $$ = build_name(parse, $word); }
    | IT { $$ = build_node(parse, @$, NODE_IT); }
    | number
    | STRING { $$ = MAKE(string, @$, $STRING); }
    | template
    | moment
    | TRUE { $$ = MAKE(boolean, @$, true); }
    | FALSE { $$ = MAKE(boolean, @$, false); }
    | NONE { $$ = build_node(parse, @$, NODE_NONE); }
    | kind_label
    | KIND '[' expr ']' { $$ = MAKE(kind_index, @$, build_kind($KIND), $expr); }
    | KIND '.' any { $$ = MAKE(kind_member, @$, build_kind($KIND), $any); }
    | attached_key
    | SCHEDULE '.' any { $$ = MAKE(member, @$, build_name(parse, $SCHEDULE), $any, false); }
    | '(' expr ')' { $$ = $expr; }
    | '(' expr ELSE expr ')' { $$ = MAKE(fallback, @$, $2, $4); }
    | '[' ']' { $$ = MAKE(list, @$, build_none()); }
    | '[' exprs ']' { $$ = MAKE(list, @$, $exprs); }
    | '[' ':' ']' { $$ = MAKE(map, @$, build_none()); }
    | '[' entries ']' { $$ = MAKE(map, @$, $entries); }
    ;

/* A key, even with a reserved word as its name: attached.queue */
attached_key: ATTACHED '.' any { $$ = MAKE(name, @$, $any, true); } ;

kind_label: KIND label { $$ = MAKE(kind_name, @$, build_kind($KIND), $label); } ;

number:
    INTEGER { $$ = MAKE(integer, @$, $INTEGER); }
    | FLOAT { $$ = MAKE(real, @$, $FLOAT); }
    | PERCENT { $$ = MAKE(percent, @$, $PERCENT); }
    | DURATION { $$ = MAKE(duration, @$, $DURATION); }
    ;

moment:
    TIME { $$ = MAKE(clock, @$, $TIME); }
    | DATE { $$ = MAKE(date, @$, $DATE / DAY_US); }
    | instant
    ;

instant:
    DATE TIME { $$ = MAKE(instant, @$, $DATE + $TIME, build_unnamed()); }
    | DATE TIME ZONE STRING { $$ = MAKE(instant, @$, $DATE + $TIME, build_quoted(parse, $STRING, @STRING)); }
    ;

template: template_parts STR_TAIL { $$ = MAKE(templ, @$, build_add($1, MAKE(string, @STR_TAIL, $STR_TAIL))); } ;

template_parts:
    STR_HEAD expr { $$ = build_add(build_one(MAKE(string, @1, $1)), $expr); }
    | template_parts STR_MID expr { $$ = build_add(build_add($1, MAKE(string, @2, $2)), $expr); }
    ;

sql:
    SQL { $$ = MAKE(sql, @$, build_one(MAKE(string, @SQL, $SQL))); }
    | sql_parts SQL_TAIL { $$ = MAKE(sql, @$, build_add($1, MAKE(string, @SQL_TAIL, $SQL_TAIL))); }
    ;

sql_parts:
    SQL_HEAD expr { $$ = build_add(build_one(MAKE(string, @1, $1)), $expr); }
    | sql_parts SQL_MID expr { $$ = build_add(build_add($1, MAKE(string, @2, $2)), $expr); }
    ;

exprs:
    expr { $$ = build_one($expr); }
    | exprs ',' expr { $$ = build_add($1, $expr); }
    ;

entries:
    entry { $$ = build_one($entry); }
    | entries ',' entry { $$ = build_add($1, $entry); }
    ;

entry: expr ':' expr { $$ = MAKE(entry, @$, $1, $3); } ;

/* Tests. */

test: TEST STRING for_each '{' items '}' { $$ = build_test(parse, @$, $STRING, $for_each, $items); } ;

for_each:
    %empty { $$ = NULL; }
    | FOR EACH words '{' rows '}' { $$ = MAKE(test, @$, {0}, $words, $rows, build_none()); }
    ;

rows:
    %empty { $$ = build_none(); }
    | rows exprs ';' { $$ = build_add($1, MAKE(list, @exprs, $exprs)); }
    | rows error RECOVER { $$ = $1; yyerrok; }
    ;

items:
    %empty { $$ = build_none(); }
    | items item { $$ = build_add($1, $item); }
    | items error RECOVER { $$ = $1; yyerrok; }
    ;

item:
    AT instant ';' { $$ = MAKE(test_start, @$, $instant); }
    | KIND label args_opt agent_words ';'
        { $$ = MAKE(test_set, @$, build_kind($KIND), $label, $args_opt, $agent_words); }
    | step_call ARROW outcomes ';' { $$ = MAKE(test_answer, @$, $step_call, $outcomes); }
    | word parts ';' { $$ = build_happening(parse, @$, $word, $parts); }
    | PARAMETER word '=' expr ';' { $$ = MAKE(test_parameter, @$, $word, $expr, NULL); }
    | PARAMETER word '=' expr FOR expr ';' { $$ = MAKE(test_parameter, @$, $word, $4, $6); }
    | STATISTIC word '(' args ')' '=' expr ';' { $$ = MAKE(test_statistic, @$, $word, $args, $expr); }
    | TABLE word '{' rows '}' { $$ = MAKE(test_table, @$, $word, $rows); }
    | ORDER FOR word '{' order_rules '}' { $$ = MAKE(test_profile, @$, $word, $order_rules); }
    | SIGNAL word '(' args ')' ';' { $$ = MAKE(test_signal, @$, $word, $args); }
    | SOURCE word parts ';' { $$ = build_source_happening(parse, @$, $SOURCE, $word, $parts); }
    | word parts '{' items '}' { $$ = MAKE(test_happening, @$, build_unnamed(), $word, $parts, $items, true); }
    | LET word '=' word parts ';' { $$ = MAKE(test_happening, @$, $2, $4, $parts, build_none(), false); }
    | LET word '=' word parts '{' items '}' { $$ = MAKE(test_happening, @$, $2, $4, $parts, $items, true); }
    | AFTER expr ':' item { $$ = MAKE(test_after, @$, $expr, $4); }
    | EXPECT events limits ';' { $$ = MAKE(test_expect, @$, build_unnamed(), false, $events, $limits); }
    | EXPECT NEVER events limits ';' { $$ = MAKE(test_expect, @$, build_unnamed(), true, $events, $limits); }
    | EXPECT word event limits ';' { $$ = MAKE(test_expect, @$, $word, false, build_one($event), $limits); }
    | EXPECT event_name to_compared limits ';' { $$ = MAKE(test_expect, @$, $2, false, build_one($to_compared), $limits); }
    | EXPECT word NEVER event limits ';' { $$ = MAKE(test_expect, @$, $word, true, build_one($event), $limits); }
    | EXPECT word NEVER to_compared limits ';' { $$ = MAKE(test_expect, @$, $word, true, build_one($to_compared), $limits); }
    ;

args_opt: %empty { $$ = build_none(); } | '(' args ')' { $$ = $args; } ;

agent_words:
    %empty { $$ = build_none(); }
    | agent_words agent_word { $$ = build_add($1, $agent_word); }
    ;

agent_word:
    word { $$ = build_name(parse, $word); }
    | number
    | STRING { $$ = MAKE(string, @$, $STRING); }
    | CAPACITY word { $$ = MAKE(test_capacity, @$, $word); }
    | IN kind_labels { $$ = MAKE(test_in, @$, $kind_labels); }
    ;

kind_labels:
    kind_label { $$ = build_one($kind_label); }
    | kind_labels ',' kind_label { $$ = build_add($1, $kind_label); }
    ;

step_call:
    word '.' any args_opt { $$ = build_test_call(parse, @$, $word, $any, $args_opt); }
    | QUERY word args_opt { $$ = MAKE(test_query, @$, $word, $args_opt); }
    | ROUTE { $$ = build_name(parse, $ROUTE); }
    ;

outcomes:
    outcome { $$ = build_one($outcome); }
    | outcomes ',' outcome { $$ = build_add($1, $outcome); }
    ;

outcome:
    outcome_what
    | outcome_what AFTER expr { $$ = build_outcome_after(parse, @$, $1, $expr); }
    ;

outcome_what:
    expr { $$ = MAKE(test_outcome, @$, $expr, build_unnamed(), NULL); }
    | FAIL word { $$ = MAKE(test_outcome, @$, NULL, $word, NULL); }
    ;

parts:
    %empty { $$ = build_none(); }
    | parts part { $$ = build_add($1, $part); }
    ;

part:
    word { $$ = build_name(parse, $word); }
    | number
    | STRING { $$ = MAKE(string, @$, $STRING); }
    | kind_label
    | '(' args ')' { $$ = MAKE(test_with, @$, $args); }
    ;

events:
    exprs
    | event_name TO expr { $$ = build_one(MAKE(test_event, @$, $1, $expr, NULL)); }
    | event_name STRING { $$ = build_one(MAKE(test_event, @$, $1, NULL, MAKE(string, @2, $2))); }
    | event_name INTEGER { $$ = build_one(MAKE(test_event, @$, $1, NULL, MAKE(integer, @2, $2))); }
    | event_name kind_label { $$ = build_one(MAKE(test_event, @$, $1, NULL, $2)); }
    | QUERY word args_opt { $$ = build_one(MAKE(test_query, @$, $word, $args_opt)); }
    ;

/* The event after an arrival's name: its first word is read as a plain name, for the grammar could not tell it from
 * a clause word. */
event:
    of_it { $$ = $1->kind == NODE_NAME && !$1->name.key ? MAKE(test_event, @$, $1->name.name, NULL, NULL) : $1; }
    | event_name TO expr { $$ = MAKE(test_event, @$, $1, $expr, NULL); }
    | event_name STRING { $$ = MAKE(test_event, @$, $1, NULL, MAKE(string, @2, $2)); }
    | event_name INTEGER { $$ = MAKE(test_event, @$, $1, NULL, MAKE(integer, @2, $2)); }
    | event_name kind_label { $$ = MAKE(test_event, @$, $1, NULL, $2); }
    | QUERY word args_opt { $$ = MAKE(test_query, @$, $word, $args_opt); }
    ;

/* An expression about an arrival: it begins with one of the arrival's keys or attributes, or with a step. */
of_it:
    of_it OR expr { $$ = build_binary(parse, @$, SIGN_OR, @2, $1, $3); }
    | of_it AND expr { $$ = build_binary(parse, @$, SIGN_AND, @2, $1, $3); }
    | of_it EQ expr { $$ = build_binary(parse, @$, SIGN_EQ, @2, $1, $3); }
    | of_it NE expr { $$ = build_binary(parse, @$, SIGN_NE, @2, $1, $3); }
    | of_it '<' expr { $$ = build_binary(parse, @$, SIGN_LT, @2, $1, $3); }
    | of_it LE expr { $$ = build_binary(parse, @$, SIGN_LE, @2, $1, $3); }
    | of_it '>' expr { $$ = build_binary(parse, @$, SIGN_GT, @2, $1, $3); }
    | of_it GE expr { $$ = build_binary(parse, @$, SIGN_GE, @2, $1, $3); }
    | of_it IN expr { $$ = build_binary(parse, @$, SIGN_IN, @2, $1, $3); }
    | of_it IN range %prec IN { $$ = build_binary(parse, @$, SIGN_IN, @2, $1, $3); }
    | of_it '+' expr { $$ = build_binary(parse, @$, SIGN_ADD, @2, $1, $3); }
    | of_it '-' expr { $$ = build_binary(parse, @$, SIGN_SUB, @2, $1, $3); }
    | of_it '*' expr { $$ = build_binary(parse, @$, SIGN_MUL, @2, $1, $3); }
    | of_it '/' expr { $$ = build_binary(parse, @$, SIGN_DIV, @2, $1, $3); }
    | of_it MOD expr { $$ = build_binary(parse, @$, SIGN_MOD, @2, $1, $3); }
    | part_of_it
    ;

part_of_it:
    event_name { $$ = build_name(parse, $1); }
    | FROM { $$ = build_name(parse, $1); }
    | attached_key
    | part_of_it '.' any { $$ = MAKE(member, @$, $1, $any, false); }
    | part_of_it OPTDOT any { $$ = MAKE(member, @$, $1, $any, true); }
    | part_of_it '[' expr ']' { $$ = MAKE(index, @$, $1, $expr); }
    | part_of_it '(' args ')' { $$ = MAKE(call, @$, $1, $args); }
    ;

/* An expression about an arrival that begins with its attribute `to`: it is no event's target, for an operator follows. */
to_compared:
    to EQ expr { $$ = build_binary(parse, @$, SIGN_EQ, @2, $1, $3); }
    | to NE expr { $$ = build_binary(parse, @$, SIGN_NE, @2, $1, $3); }
    | to IN expr { $$ = build_binary(parse, @$, SIGN_IN, @2, $1, $3); }
    | to_compared OR expr { $$ = build_binary(parse, @$, SIGN_OR, @2, $1, $3); }
    | to_compared AND expr { $$ = build_binary(parse, @$, SIGN_AND, @2, $1, $3); }
    ;

to: TO { $$ = build_name(parse, $1); } ;

event_name: NAME ;

limits:
    %empty { $$ = build_none(); }
    | limits limit { $$ = build_add($1, $limit); }
    ;

limit:
    WITHIN expr { $$ = MAKE(test_limit, @$, $1, $expr); }
    | TIMES expr { $$ = MAKE(test_limit, @$, $1, $expr); }
    | SHARE expr { $$ = MAKE(test_limit, @$, $1, $expr); }
    | SHARE range { $$ = MAKE(test_limit, @$, $1, $range); }
    ;

%%

/* Reports the one error that bison itself reports: its stack is full. */
static void parser_error(const struct source_span *span, struct parse *parse, const char *text)
{
    (void)text;
    grammar_too_deep(parse, *span);
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parse *parse)
{
    static_assert(T_RECOVER < TOKEN_LIMIT, "a set of tokens has room for all of them");
    struct expected expected = {0};
    yysymbol_kind_t symbols[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    bool wanted[YYNTOKENS] = {false};
    for (int i = 0; i < count; i++) wanted[symbols[i]] = true;
    for (int token = 0; token <= T_RECOVER; token++)
        if (wanted[YYTRANSLATE(token)]) expected.token[token] = true;
    parse->stumble(parse, &expected);
    return 0;
}
