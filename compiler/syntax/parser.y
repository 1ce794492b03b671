/* compiler/syntax/parser.y - The grammar, LALR(1) without conflicts but those that the operators' precedence settles.
 *
 * Every list in braces has an alternative `error T_RECOVER`: after an error parse.c skips to the end of the damaged
 * statement and gives T_RECOVER there, so that each error is reported by itself. Nodes are made by build.c. */
%require "3.8"
%define api.pure full
%define api.prefix {parser_}
%define api.token.prefix {T_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct parse *parse}
%initial-action { @$ = parse_begin(parse); }

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
#include "compiler/syntax/build.h"
#include "compiler/syntax/parse.h"
#include "compiler/syntax/syntax_error.h"

#define YYMAXDEPTH 4000
#define YYLLOC_DEFAULT(now, rhs, n)                                                                                    \
    ((now) = (n) > 0 ? (struct span){YYRHSLOC(rhs, 1).begin, YYRHSLOC(rhs, n).end}                                     \
                     : (struct span){YYRHSLOC(rhs, 0).end, YYRHSLOC(rhs, 0).end})

/* The parser calls its scanner by this name. */
static int parser_lex(PARSER_STYPE *value, struct span *span, struct parse *parse)
{
    return parse_token(parse, value, span);
}
static void parser_error(const struct span *, struct parse *, const char *text);
}

%token EOF 0 /* END stands before it: bison recovers from what is wrong there, but not at its own end */
%token END
%token <word> NAME
%token <word> BY PREVIEW ANSWER WHISPER TRIES PAUSE TIMEOUT UNTIL EVERY TO THEN WHERE BUSY WITHIN OF OVER SINCE EDIT
%token <word> ZONE SCHEMA FROM KEY SECRET CLOSED EACH AT PREFIX MATCH TIMES SHARE
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

%type <word> word any label event_name
%type <node> decl import const record enum function native strategy site test
%type <node> field param param_default handler type type_opt result_opt
%type <node> within_opt body_item site_item column schedule_line day day_atom hours window_opt capacity_rule url
%type <node> block stmt if arm split_arm where_opt action simple set jump rhs head end query_type select_line share_opt
%type <node> several race_arm child timeout_opt bounds
%type <node> clause otherwise_opt otherwise otherwise_what
%type <node> pattern atom dotted
%type <node> expr postfix primary number moment instant template sql arg entry range kind_label
%type <node> item part agent_word step_call outcome outcome_what event limit
%type <word> edit_opt zone_opt from_opt
%type <nodes> decls fields field_list params params_opt param_list body site_items labels words enum_words
%type <nodes> columns column_list schedule_lines days hours_list kinds capacity_rules
%type <nodes> stmts arms split_arms race_arms children patterns
%type <nodes> clauses select_lines path media template_parts sql_parts args arg_list exprs entries
%type <node> for_each
%type <nodes> rows items parts agent_words kind_labels outcomes events limits args_opt
%type <which> assign_op

%%

file:
    decls END { parse_done(parse, $decls, @decls); }
    ;

decls:
    %empty { $$ = build_none(); }
    | decls decl { $$ = build_add($1, build_doc(parse, $decl)); }
    | decls error RECOVER { $$ = $1; yyerrok; }
    ;

decl: import | const | record | enum | function | native | strategy | site | test ;

import: IMPORT path ';' { $$ = build_import(parse, @$, $path); } ;

path:
    any { $$ = build_one(build_name(parse, $any)); }
    | path '.' any { $$ = build_add($1, build_name(parse, $any)); }
    ;

const: CONST word type_opt '=' expr ';' { $$ = build_const(parse, @$, $word, $type_opt, $expr); } ;

record: RECORD word '{' fields '}' { $$ = build_record(parse, @$, $word, $fields); } ;

enum: ENUM word '{' enum_words '}' { $$ = build_enum(parse, @$, $word, $enum_words); } ;

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
    any ':' type { $$ = build_field(parse, @$, $any, $type, false); }
    | SECRET word ':' type { $$ = build_field(parse, @$, $word, $type, true); }
    ;

function:
    FUNCTION word '(' params ')' result_opt block { $$ = build_function(parse, @$, $word, $params, $result_opt, $block, false); }
    | SUBROUTINE word '(' params ')' result_opt block { $$ = build_function(parse, @$, $word, $params, $result_opt, $block, true); }
    ;

native:
    NATIVE FUNCTION word '(' params ')' result_opt FROM STRING ';'
        { $$ = build_native(parse, @$, $word, $params, $result_opt, build_quoted(parse, $STRING, @STRING)); }
    ;

result_opt: %empty { $$ = NULL; } | ':' type { $$ = $type; } ;

params: %empty { $$ = build_none(); } | param_list ;

param_list:
    param { $$ = build_one($param); }
    | param_list ',' param { $$ = build_add($1, $param); }
    ;

param: word ':' type param_default { $$ = build_param(parse, @$, $word, $type, $param_default); } ;

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

body:
    %empty { $$ = build_none(); }
    | body body_item { $$ = build_add($1, $body_item); }
    | body error RECOVER { $$ = $1; yyerrok; }
    ;

body_item:
    stmt
    | ATTACHED '{' fields '}' { $$ = build_keys(parse, @$, $fields); }
    | handler
    ;

handler:
    ON any block { $$ = build_handler(parse, @$, $any, build_unnamed(), build_unnamed(), $block); }
    | ON any '(' word ')' block { $$ = build_handler(parse, @$, $any, build_unnamed(), $word, $block); }
    | ON SIGNAL word block { $$ = build_handler(parse, @$, $SIGNAL, $3, build_unnamed(), $block); }
    | ON SIGNAL word '(' word ')' block { $$ = build_handler(parse, @$, $SIGNAL, $3, $5, $block); }
    ;

site: SITE '{' site_items '}' { $$ = build_site(parse, @$, $site_items); } ;

site_items:
    %empty { $$ = build_none(); }
    | site_items site_item { $$ = build_add($1, build_doc(parse, $site_item)); }
    | site_items error RECOVER { $$ = $1; yyerrok; }
    ;

site_item:
    KIND labels ';' { $$ = build_site_names(parse, @$, $KIND, $labels); }
    | KIND label '=' expr ';' { $$ = build_site_virtual(parse, @$, $KIND, $label, $expr); }
    | ATTACHED '{' fields '}' { $$ = build_keys(parse, @$, $fields); }
    | DEFAULT EXCLUDE expr ';' { $$ = build_site_default(parse, @$, $EXCLUDE, $expr); }
    | DEFAULT word expr ';' { $$ = build_site_default(parse, @$, $word, $expr); }
    | DEFAULT BUSY block { $$ = build_site_default(parse, @$, $BUSY, $block); }
    | SOURCE word SCHEMA STRING ';'
        { $$ = build_site_source(parse, @$, $word, (struct word){0}, $STRING, @STRING); }
    | SOURCE word NAME SCHEMA STRING ';'
        { $$ = build_site_source(parse, @$, $word, $NAME, $STRING, @STRING); }
    | ENDPOINT word '(' params ')' result_opt '=' word url timeout_opt ';'
        { $$ = build_endpoint(parse, @$, $2, $params, $result_opt, $8, $url, $timeout_opt); }
    | PARAMETER word ':' type '=' expr bounds edit_opt ';'
        { $$ = build_parameter(parse, @$, $word, $type, $expr, $bounds, $edit_opt); }
    | TABLE word from_opt edit_opt '{' columns '}'
        { $$ = build_table(parse, @$, $word, $from_opt, $edit_opt, $columns); }
    | SCHEDULE word zone_opt edit_opt '{' schedule_lines '}'
        { $$ = build_schedule(parse, @$, $word, $zone_opt, $edit_opt, $schedule_lines); }
    | STATISTIC word '(' kinds ')' '=' expr window_opt ';'
        { $$ = build_statistic(parse, @$, $word, $kinds, $expr, $window_opt); }
    | LATCH word '=' expr UNTIL expr ';' { $$ = build_latch(parse, @$, $word, $4, $6); }
    | COUNTER word window_opt ';' { $$ = build_counter(parse, @$, $word, NULL, $window_opt); }
    | COUNTER word '[' type ']' window_opt ';' { $$ = build_counter(parse, @$, $word, $type, $window_opt); }
    | CAPACITY word '{' capacity_rules '}' { $$ = build_capacity(parse, @$, $word, $capacity_rules); }
    | SIGNAL word '(' params ')' ';' { $$ = build_signal(parse, @$, $word, $params); }
    ;

url: STRING { $$ = build_string(parse, @$, $STRING); } | template ;

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
    word ':' type { $$ = build_column(parse, @$, $word, $type, false, false); }
    | KEY word ':' type { $$ = build_column(parse, @$, $word, $type, true, false); }
    | KEY PREFIX word ':' type { $$ = build_column(parse, @$, $word, $type, true, true); }
    ;

schedule_lines:
    %empty { $$ = build_none(); }
    | schedule_lines schedule_line { $$ = build_add($1, $schedule_line); }
    | schedule_lines error RECOVER { $$ = $1; yyerrok; }
    ;

schedule_line:
    days CLOSED ';' { $$ = build_schedule_line(parse, @$, $days, true, build_none()); }
    | days hours_list ';' { $$ = build_schedule_line(parse, @$, $days, false, $hours_list); }
    ;

days:
    day { $$ = build_one($day); }
    | days ',' day { $$ = build_add($1, $day); }
    ;

day: day_atom | day_atom DOTDOT day_atom { $$ = build_range(parse, @$, $1, $3); } ;

day_atom:
    NAME { $$ = build_name(parse, $NAME); }
    | DATE { $$ = build_date(parse, @$, $DATE); }
    | NAME NAME { $$ = build_holidays(parse, @$, $1, $2); }
    | NAME STRING { $$ = build_holidays(parse, @$, $1, build_quoted(parse, $STRING, @STRING)); }
    ;

hours_list:
    hours { $$ = build_one($hours); }
    | hours_list ',' hours { $$ = build_add($1, $hours); }
    ;

hours: TIME DOTDOT TIME { $$ = build_range(parse, @$, build_clock(parse, @1, $1), build_clock(parse, @3, $3)); } ;

kinds:
    KIND { $$ = build_one(build_type_kind(parse, @$, $KIND)); }
    | kinds ',' KIND { $$ = build_add($1, build_type_kind(parse, @3, $KIND)); }
    ;

window_opt:
    %empty { $$ = NULL; }
    | OVER expr { $$ = build_window(parse, @$, false, $expr); }
    | SINCE expr { $$ = build_window(parse, @$, true, $expr); }
    ;

capacity_rules:
    %empty { $$ = build_none(); }
    | capacity_rules capacity_rule ';' { $$ = build_add($1, $capacity_rule); }
    | capacity_rules error RECOVER { $$ = $1; yyerrok; }
    ;

capacity_rule:
    word INTEGER { $$ = build_capacity_rule(parse, @$, $word, $INTEGER, build_unnamed(), build_unnamed()); }
    | word word word { $$ = build_capacity_rule(parse, @$, $1, 0, $2, $3); }
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
    word { $$ = build_type(parse, @$, $word, NULL); }
    | KIND { $$ = build_type_kind(parse, @$, $KIND); }
    | SCHEDULE { $$ = build_type(parse, @$, $SCHEDULE, NULL); }
    | word '<' type '>' { $$ = build_type(parse, @$, $word, $3); }
    | type '?' { $$ = build_type_option(parse, @$, $1); }
    ;

word: NAME | BY | PREVIEW | ANSWER | WHISPER | TRIES | PAUSE | TIMEOUT | UNTIL | EVERY | TO | THEN | WHERE | BUSY | WITHIN
    | OF | OVER | SINCE | EDIT | ZONE | SCHEMA | FROM | KEY | SECRET | CLOSED | EACH | AT | PREFIX | MATCH | TIMES
    | SHARE ;

any: word | KIND | IMPORT | CONST | RECORD | ENUM | FUNCTION | NATIVE | SUBROUTINE | STRATEGY | TEST | SITE | ATTACHED
    | SOURCE | ENDPOINT | PARAMETER | TABLE | SCHEDULE | STATISTIC | LATCH | COUNTER | CAPACITY | SIGNAL | DEFAULT
    | LET | ATTACH | IF | ELSE | WHILE | FOR | REPEAT | BREAK | CONTINUE | RETURN | GOTO | FAIL | SWITCH | SEGMENT
    | SPLIT | RACE | PARALLEL | MANDATORY | ON | COUNT | EXCLUDE | SELECT | CONNECT | QUERY | ROUTE | STOP | REJECT
    | DELAY | WAIT | EXPECT | NEVER | AFTER | AND | OR | NOT | IN | MOD | NONE | TRUE | FALSE | IT ;

/* Statements. */

block: '{' stmts '}' { $$ = build_block(parse, @$, $stmts); } ;

stmts:
    %empty { $$ = build_none(); }
    | stmts stmt { $$ = build_add($1, $stmt); }
    | stmts error RECOVER { $$ = $1; yyerrok; }
    ;

stmt:
    simple ';' { $$ = $simple; }
    | word ':' stmt { $$ = build_labelled(parse, @$, $word, $3); }
    | if
    | WHILE expr block { $$ = build_while(parse, @$, $expr, $block); }
    | FOR words IN expr block { $$ = build_for(parse, @$, $words, $expr, $block); }
    | REPEAT block { $$ = build_repeat(parse, @$, NULL, $block); }
    | REPEAT expr block { $$ = build_repeat(parse, @$, $expr, $block); }
    | SEGMENT expr '{' arms '}' { $$ = build_segment(parse, @$, $expr, $arms); }
    | SPLIT '{' split_arms '}' { $$ = build_split(parse, @$, NULL, $split_arms); }
    | SPLIT BY expr '{' split_arms '}' { $$ = build_split(parse, @$, $expr, $split_arms); }
    | MANDATORY block { $$ = build_mandatory(parse, @$, $block); }
    ;

if:
    IF expr block { $$ = build_if(parse, @$, $expr, $block, NULL); }
    | IF expr block ELSE block { $$ = build_if(parse, @$, $expr, $3, $5); }
    | IF expr block ELSE if { $$ = build_if(parse, @$, $expr, $3, $5); }
    ;

arms:
    %empty { $$ = build_none(); }
    | arms arm { $$ = build_add($1, $arm); }
    | arms error RECOVER { $$ = $1; yyerrok; }
    ;

arm:
    patterns ARROW action { $$ = build_arm(parse, @$, $patterns, false, $action); }
    | ELSE ARROW action { $$ = build_arm(parse, @$, build_none(), true, $action); }
    ;

split_arms:
    %empty { $$ = build_none(); }
    | split_arms split_arm { $$ = build_add($1, $split_arm); }
    | split_arms error RECOVER { $$ = $1; yyerrok; }
    ;

split_arm:
    expr where_opt ARROW action { $$ = build_split_arm(parse, @$, $expr, $where_opt, $action); }
    | ELSE ARROW action { $$ = build_split_arm(parse, @$, NULL, NULL, $action); }
    ;

where_opt: %empty { $$ = NULL; } | WHERE expr { $$ = $expr; } ;

action: block | simple ';' ;

patterns:
    pattern { $$ = build_one($pattern); }
    | patterns ',' pattern { $$ = build_add($1, $pattern); }
    ;

pattern:
    atom
    | atom DOTDOT atom { $$ = build_range(parse, @$, $1, $3); }
    | PREFIX STRING { $$ = build_prefix(parse, @$, $STRING); }
    | MATCH STRING { $$ = build_match(parse, @$, $STRING); }
    | IN dotted { $$ = build_within(parse, @$, $dotted); }
    ;

atom:
    dotted
    | number
    | '-' number { $$ = build_negative(parse, @$, $number); }
    | DATE { $$ = build_date(parse, @$, $DATE); }
    | instant
    | TIME { $$ = build_clock(parse, @$, $TIME); }
    | STRING { $$ = build_string(parse, @$, $STRING); }
    | TRUE { $$ = build_bool(parse, @$, true); }
    | FALSE { $$ = build_bool(parse, @$, false); }
    | NONE { $$ = build_node(parse, @$, NODE_NONE); }
    | kind_label
    ;

dotted:
    word { $$ = build_name(parse, $word); }
    | dotted '.' any { $$ = build_member(parse, @$, $1, $any, false); }
    ;

simple:
    set
    | postfix assign_op rhs { $$ = build_assign(parse, @$, $assign_op, $postfix, $rhs); }
    | rhs { $$ = build_do(parse, @$, $rhs); }
    | jump
    | COUNT postfix { $$ = build_count(parse, @$, $postfix); }
    | EXCLUDE expr FOR expr { $$ = build_exclude(parse, @$, $2, $4); }
    | several clauses otherwise_opt
        { $$ = build_do(parse, @$, build_step(parse, @$, $several, $clauses, $otherwise_opt)); }
    ;

/* A symbol of its own: what is wrong behind the braces is not to be mended within them. */
several:
    RACE '{' race_arms '}' { $$ = build_race(parse, @$, $race_arms); }
    | PARALLEL '{' children '}' { $$ = build_parallel(parse, @$, $children); }
    ;

set:
    LET word type_opt '=' rhs { $$ = build_let(parse, @$, $word, $type_opt, $rhs); }
    | ATTACH postfix '=' rhs { $$ = build_attach(parse, @$, $postfix, $rhs); }
    ;

race_arms:
    %empty { $$ = build_none(); }
    | race_arms race_arm { $$ = build_add($1, $race_arm); }
    | race_arms error RECOVER { $$ = $1; yyerrok; }
    ;

race_arm:
    head clauses ARROW action
        { $$ = build_race_arm(parse, @$, build_unnamed(), build_step(parse, @head, $head, $clauses, NULL), $action); }
    | LET word '=' head clauses ARROW action
        { $$ = build_race_arm(parse, @$, $word, build_step(parse, @head, $head, $clauses, NULL), $action); }
    ;

children:
    %empty { $$ = build_none(); }
    | children child ';' { $$ = build_add($1, $child); }
    | children error RECOVER { $$ = $1; yyerrok; }
    ;

child: set | rhs { $$ = build_do(parse, @$, $rhs); } ;

assign_op: '=' { $$ = SIGN_SET; } | ADD_SET { $$ = SIGN_ADD; } | SUB_SET { $$ = SIGN_SUB; } ;

jump:
    GOTO word { $$ = build_goto(parse, @$, $word); }
    | FAIL expr { $$ = build_fail(parse, @$, $expr); }
    | RETURN { $$ = build_return(parse, @$, NULL); }
    | RETURN expr { $$ = build_return(parse, @$, $expr); }
    | BREAK { $$ = build_node(parse, @$, NODE_BREAK); }
    | CONTINUE { $$ = build_node(parse, @$, NODE_CONTINUE); }
    | SWITCH TO expr { $$ = build_switch(parse, @$, $expr); }
    ;

/* Right sides: an expression or a step with its clauses and its exit. */

rhs: head clauses otherwise_opt { $$ = build_step(parse, @$, $head, $clauses, $otherwise_opt); } ;

head:
    expr
    | QUERY word word query_type sql { $$ = build_query(parse, @$, $2, $3, $query_type, $sql); }
    | SELECT IN expr '{' select_lines '}' { $$ = build_select(parse, @$, false, $expr, $select_lines); }
    | CONNECT IN expr '{' select_lines '}' { $$ = build_select(parse, @$, true, $expr, $select_lines); }
    | DELAY expr { $$ = build_delay(parse, @$, $expr); }
    | WAIT FOR word { $$ = build_wait(parse, @$, $word); }
    | end
    ;

end:
    ROUTE expr { $$ = build_route(parse, @$, $expr); }
    | STOP expr { $$ = build_stop(parse, @$, $expr); }
    | REJECT expr { $$ = build_reject(parse, @$, $expr); }
    ;

query_type: %empty { $$ = NULL; } | type ;

select_lines:
    %empty { $$ = build_none(); }
    | select_lines select_line { $$ = build_add($1, $select_line); }
    | select_lines error RECOVER { $$ = $1; yyerrok; }
    ;

select_line:
    expr share_opt where_opt ';' { $$ = build_line(parse, @$, NULL, $expr, $share_opt, $where_opt); }
    | AFTER expr ':' expr share_opt where_opt ';' { $$ = build_line(parse, @$, $2, $4, $share_opt, $where_opt); }
    ;

share_opt: %empty { $$ = NULL; } | SHARE expr { $$ = $expr; } ;

clauses:
    %empty { $$ = build_none(); }
    | clauses clause { $$ = build_clauses(parse, $1, $clause); }
    ;

clause:
    BY expr { $$ = build_clause(parse, @$, CLAUSE_BY, $expr); }
    | PREVIEW expr { $$ = build_clause(parse, @$, CLAUSE_PREVIEW, $expr); }
    | ANSWER expr { $$ = build_clause(parse, @$, CLAUSE_ANSWER, $expr); }
    | EXCLUDE expr { $$ = build_clause(parse, @$, CLAUSE_EXCLUDE, $expr); }
    | WHISPER expr { $$ = build_clause(parse, @$, CLAUSE_WHISPER, $expr); }
    | TRIES expr { $$ = build_clause(parse, @$, CLAUSE_TRIES, $expr); }
    | PAUSE expr { $$ = build_clause(parse, @$, CLAUSE_PAUSE, $expr); }
    | TIMEOUT expr { $$ = build_clause(parse, @$, CLAUSE_TIMEOUT, $expr); }
    | UNTIL expr { $$ = build_clause(parse, @$, CLAUSE_UNTIL, $expr); }
    | EVERY expr { $$ = build_clause(parse, @$, CLAUSE_EVERY, $expr); }
    | TO expr { $$ = build_clause(parse, @$, CLAUSE_TO, $expr); }
    | THEN expr where_opt { $$ = build_then(parse, @$, $expr, $where_opt); }
    | BUSY block { $$ = build_clause(parse, @$, CLAUSE_BUSY, $block); }
    ;

otherwise_opt: %empty { $$ = NULL; } | otherwise ;

otherwise:
    ELSE otherwise_what { $$ = build_otherwise(parse, @$, build_unnamed(), $otherwise_what); }
    | ELSE word block { $$ = build_otherwise(parse, @$, $word, $block); }
    ;

otherwise_what: expr | jump | block | end clauses { $$ = build_step(parse, @$, $end, $clauses, NULL); } ;

/* Expressions. */

expr:
    expr OR expr { $$ = build_binary(parse, @$, SIGN_OR, @2, $1, $3); }
    | expr AND expr { $$ = build_binary(parse, @$, SIGN_AND, @2, $1, $3); }
    | NOT expr { $$ = build_unary(parse, @$, SIGN_NOT, $2); }
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
    | '-' expr %prec NEGATIVE { $$ = build_unary(parse, @$, SIGN_NEG, $2); }
    | kind_label OF postfix { $$ = build_of(parse, @$, $kind_label, $postfix); }
    | postfix
    ;

range: expr DOTDOT expr { $$ = build_range(parse, @$, $1, $3); } ;

postfix:
    primary
    | postfix '.' any { $$ = build_member(parse, @$, $1, $any, false); }
    | postfix OPTDOT any { $$ = build_member(parse, @$, $1, $any, true); }
    | postfix '[' expr ']' { $$ = build_index(parse, @$, $1, $expr); }
    | postfix '(' args ')' { $$ = build_call(parse, @$, $1, $args); }
    ;

args: %empty { $$ = build_none(); } | arg_list ;

arg_list:
    arg { $$ = build_one($arg); }
    | arg_list ',' arg { $$ = build_add($1, $arg); }
    ;

arg:
    expr { $$ = build_arg(parse, @$, build_unnamed(), $expr); }
    | any ':' expr { $$ = build_arg(parse, @$, $any, $expr); }
    | STRING ':' expr { $$ = build_arg(parse, @$, build_quoted(parse, $STRING, @STRING), $expr); }
    ;

primary:
    word { $$ = build_name(parse, $word); }
    | IT { $$ = build_node(parse, @$, NODE_IT); }
    | number
    | STRING { $$ = build_string(parse, @$, $STRING); }
    | template
    | moment
    | TRUE { $$ = build_bool(parse, @$, true); }
    | FALSE { $$ = build_bool(parse, @$, false); }
    | NONE { $$ = build_node(parse, @$, NODE_NONE); }
    | kind_label
    | KIND '[' expr ']' { $$ = build_kind_index(parse, @$, $KIND, $expr); }
    | KIND '.' any { $$ = build_kind_member(parse, @$, $KIND, $any); }
    | '(' expr ')' { $$ = $expr; }
    | '(' expr ELSE expr ')' { $$ = build_fallback(parse, @$, $2, $4); }
    | '[' ']' { $$ = build_list(parse, @$, build_none()); }
    | '[' exprs ']' { $$ = build_list(parse, @$, $exprs); }
    | '[' ':' ']' { $$ = build_map(parse, @$, build_none()); }
    | '[' entries ']' { $$ = build_map(parse, @$, $entries); }
    ;

kind_label: KIND label { $$ = build_kind_name(parse, @$, $KIND, $label); } ;

number:
    INTEGER { $$ = build_integer(parse, @$, $INTEGER); }
    | FLOAT { $$ = build_float(parse, @$, $FLOAT); }
    | PERCENT { $$ = build_percent(parse, @$, $PERCENT); }
    | DURATION { $$ = build_duration(parse, @$, $DURATION); }
    ;

moment:
    TIME { $$ = build_clock(parse, @$, $TIME); }
    | DATE { $$ = build_date(parse, @$, $DATE); }
    | instant
    ;

instant:
    DATE TIME { $$ = build_instant(parse, @$, $DATE, $TIME, build_unnamed()); }
    | DATE TIME ZONE STRING { $$ = build_instant(parse, @$, $DATE, $TIME, build_quoted(parse, $STRING, @STRING)); }
    ;

template: template_parts STR_TAIL { $$ = build_template(parse, @$, $1, $STR_TAIL, @STR_TAIL); } ;

template_parts:
    STR_HEAD expr { $$ = build_add(build_one(build_string(parse, @1, $1)), $expr); }
    | template_parts STR_MID expr { $$ = build_add(build_add($1, build_string(parse, @2, $2)), $expr); }
    ;

sql:
    SQL { $$ = build_sql(parse, @$, build_none(), $SQL, @SQL); }
    | sql_parts SQL_TAIL { $$ = build_sql(parse, @$, $1, $SQL_TAIL, @SQL_TAIL); }
    ;

sql_parts:
    SQL_HEAD expr { $$ = build_add(build_one(build_string(parse, @1, $1)), $expr); }
    | sql_parts SQL_MID expr { $$ = build_add(build_add($1, build_string(parse, @2, $2)), $expr); }
    ;

exprs:
    expr { $$ = build_one($expr); }
    | exprs ',' expr { $$ = build_add($1, $expr); }
    ;

entries:
    entry { $$ = build_one($entry); }
    | entries ',' entry { $$ = build_add($1, $entry); }
    ;

entry: expr ':' expr { $$ = build_entry(parse, @$, $1, $3); } ;

/* Tests. */

test: TEST STRING for_each '{' items '}' { $$ = build_test(parse, @$, $STRING, $for_each, $items); } ;

for_each:
    %empty { $$ = NULL; }
    | FOR EACH words '{' rows '}' { $$ = build_for_each(parse, @$, $words, $rows); }
    ;

rows:
    %empty { $$ = build_none(); }
    | rows exprs ';' { $$ = build_add($1, build_list(parse, @exprs, $exprs)); }
    | rows error RECOVER { $$ = $1; yyerrok; }
    ;

items:
    %empty { $$ = build_none(); }
    | items item { $$ = build_add($1, $item); }
    | items error RECOVER { $$ = $1; yyerrok; }
    ;

item:
    AT instant ';' { $$ = build_test_start(parse, @$, $instant); }
    | KIND label args_opt agent_words ';' { $$ = build_test_set(parse, @$, $KIND, $label, $args_opt, $agent_words); }
    | step_call ARROW outcomes ';' { $$ = build_test_answer(parse, @$, $step_call, $outcomes); }
    | word parts ';' { $$ = build_happening(parse, @$, build_unnamed(), $word, $parts, build_none(), false); }
    | PARAMETER word '=' expr ';' { $$ = build_test_parameter(parse, @$, $word, $expr, NULL); }
    | PARAMETER word '=' expr FOR expr ';' { $$ = build_test_parameter(parse, @$, $word, $4, $6); }
    | STATISTIC word '(' args ')' '=' expr ';' { $$ = build_test_statistic(parse, @$, $word, $args, $expr); }
    | TABLE word '{' rows '}' { $$ = build_test_table(parse, @$, $word, $rows); }
    | SIGNAL word '(' args ')' ';' { $$ = build_test_signal(parse, @$, $word, $args); }
    | SOURCE word parts ';' { $$ = build_source_happening(parse, @$, $SOURCE, $word, $parts); }
    | word parts '{' items '}' { $$ = build_happening(parse, @$, build_unnamed(), $word, $parts, $items, true); }
    | LET word '=' word parts ';' { $$ = build_happening(parse, @$, $2, $4, $parts, build_none(), false); }
    | LET word '=' word parts '{' items '}' { $$ = build_happening(parse, @$, $2, $4, $parts, $items, true); }
    | AFTER expr ':' item { $$ = build_test_after(parse, @$, $expr, $4); }
    | EXPECT events limits ';' { $$ = build_expect(parse, @$, build_unnamed(), false, $events, $limits); }
    | EXPECT NEVER events limits ';' { $$ = build_expect(parse, @$, build_unnamed(), true, $events, $limits); }
    | EXPECT word event limits ';' { $$ = build_expect(parse, @$, $word, false, build_one($event), $limits); }
    | EXPECT word NEVER event limits ';' { $$ = build_expect(parse, @$, $word, true, build_one($event), $limits); }
    ;

args_opt: %empty { $$ = build_none(); } | '(' args ')' { $$ = $args; } ;

agent_words:
    %empty { $$ = build_none(); }
    | agent_words agent_word { $$ = build_add($1, $agent_word); }
    ;

agent_word:
    word { $$ = build_name(parse, $word); }
    | number
    | STRING { $$ = build_string(parse, @$, $STRING); }
    | CAPACITY word { $$ = build_test_capacity(parse, @$, $word); }
    | IN kind_labels { $$ = build_test_in(parse, @$, $kind_labels); }
    ;

kind_labels:
    kind_label { $$ = build_one($kind_label); }
    | kind_labels ',' kind_label { $$ = build_add($1, $kind_label); }
    ;

step_call:
    word '.' any args_opt { $$ = build_test_call(parse, @$, $word, $any, $args_opt); }
    | QUERY word args_opt { $$ = build_test_query(parse, @$, $word, $args_opt); }
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
    expr { $$ = build_outcome(parse, @$, $expr, build_unnamed()); }
    | FAIL word { $$ = build_outcome(parse, @$, NULL, $word); }
    ;

parts:
    %empty { $$ = build_none(); }
    | parts part { $$ = build_add($1, $part); }
    ;

part:
    word { $$ = build_name(parse, $word); }
    | number
    | STRING { $$ = build_string(parse, @$, $STRING); }
    | kind_label
    | '(' args ')' { $$ = build_test_with(parse, @$, $args); }
    ;

events:
    exprs
    | event_name TO expr { $$ = build_one(build_event(parse, @$, $1, $expr, NULL)); }
    | event_name STRING { $$ = build_one(build_event(parse, @$, $1, NULL, build_string(parse, @2, $2))); }
    | event_name INTEGER { $$ = build_one(build_event(parse, @$, $1, NULL, build_integer(parse, @2, $2))); }
    | event_name kind_label { $$ = build_one(build_event(parse, @$, $1, NULL, $2)); }
    | QUERY word args_opt { $$ = build_one(build_test_query(parse, @$, $word, $args_opt)); }
    ;

/* After an arrival's name: its first word is a plain name, for a clause word would not tell the two apart. */
event:
    event_name { $$ = build_event(parse, @$, $1, NULL, NULL); }
    | event_name TO expr { $$ = build_event(parse, @$, $1, $expr, NULL); }
    | event_name STRING { $$ = build_event(parse, @$, $1, NULL, build_string(parse, @2, $2)); }
    | event_name INTEGER { $$ = build_event(parse, @$, $1, NULL, build_integer(parse, @2, $2)); }
    | event_name kind_label { $$ = build_event(parse, @$, $1, NULL, $2); }
    | QUERY word args_opt { $$ = build_test_query(parse, @$, $word, $args_opt); }
    ;

event_name: NAME ;

limits:
    %empty { $$ = build_none(); }
    | limits limit { $$ = build_add($1, $limit); }
    ;

limit:
    WITHIN expr { $$ = build_limit(parse, @$, $1, $expr); }
    | TIMES expr { $$ = build_limit(parse, @$, $1, $expr); }
    | SHARE expr { $$ = build_limit(parse, @$, $1, $expr); }
    | SHARE range { $$ = build_limit(parse, @$, $1, $range); }
    ;

%%

/* What bison says of itself: only that its stack is full. */
static void parser_error(const struct span *span, struct parse *parse, const char *text)
{
    (void)text;
    parse_too_deep(parse, *span);
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parse *parse)
{
    struct expected expected = {0};
    yysymbol_kind_t symbols[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    bool wanted[YYNTOKENS] = {false};
    for (int i = 0; i < count; i++) wanted[symbols[i]] = true;
    for (int token = 0; token <= T_RECOVER; token++)
        if (wanted[YYTRANSLATE(token)]) syntax_expect(&expected, token);
    parse_error(parse, &expected);
    return 0;
}
