/* compiler/lower/parties.c - The attribute `parties`: makes a list from values that the core gives one by one. */
#include "compiler/lower/lowerer.h"

#include "vm/question.h"

static uint32_t lower_ask_party(struct lowerer *l, uint32_t at, enum question_number question, uint32_t into)
{
    lower_add_abc(l, I_ASK, into, at, question)->d = at;
    return into;
}

/* Adds a party to the list; its fields are dn, role and agent, in this order. */
static void add_party(struct lowerer *l, const struct type *type, uint32_t list, uint32_t at)
{
    static const enum question_number questions[] = {QUESTION_party_dn, QUESTION_party_role, QUESTION_party_agent};
    uint32_t party = lower_new_register(l, lower_type(l, type)), count = type->record->count;
    uint32_t *fields = ARENA_ARRAY(l->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++)
        fields[i] =
            lower_ask_party(l, at, questions[i], lower_new_register(l, lower_type(l, type->record->fields[i].type)));
    struct ir_instruction *make = lower_add(l, I_RECORD);
    make->operand[0] = party;
    make->arguments = fields;
    make->argument_count = count;
    lower_add_abc(l, I_LIST_ADD, list, list, party);
}

uint32_t lower_parties(struct lowerer *l, const struct type *type)
{
    uint32_t list = lower_new_register(l, lower_type(l, type)), at = lower_new_register(l, IR_INT),
             count = lower_new_register(l, IR_INT);
    uint32_t again = lower_new_label(l), end = lower_new_label(l), more = lower_new_register(l, IR_BOOL);
    struct ir_instruction *none = lower_add(l, I_LIST);
    none->operand[0] = list;
    lower_load(l, at, constant_word(l, IR_INT, 0));
    lower_ask_party(l, at, QUESTION_party_count, count);
    lower_add_label(l, again);
    lower_add_abc(l, I_LT, more, at, count);
    lower_add_jump(l, I_JFALSE, more, end);
    add_party(l, type->of, list, at);
    lower_add_ab(l, I_ADD_I, at, at)->literal = 1;
    lower_add_jump(l, I_LOOP, IR_NONE, again);
    lower_add_label(l, end);
    return list;
}
