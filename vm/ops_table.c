/* vm/ops_table.c - Instructions that the interpreter calls as functions: the tables of SEGMENT. */
#include "vm/dense.h"
#include "vm/vm.h"
#include "base/regex.h"

static uint32_t segment_range(const uint32_t *table, int64_t value)
{
    uint32_t low = 0, high = table[2];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const uint32_t *row = table + 4 + 5 * (size_t)middle;
        if ((int64_t)(row[2] | (uint64_t)row[3] << 32) < value)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == table[2]) return table[3];
    const uint32_t *row = table + 4 + 5 * (size_t)low;
    return (int64_t)(row[0] | (uint64_t)row[1] << 32) <= value ? row[4] : table[3];
}

/* Searches the trie, one node per byte: the cost depends on the text, not on the number of patterns. */
static uint32_t segment_text(const uint32_t *table, struct text text)
{
    const uint32_t *nodes = table + 4, *node = nodes;
    uint32_t best = TABLE_NO;
    for (uint32_t i = 0;; i++) {
        if (node[3] < best) best = node[3];
        if (i == text.length) {
            if (node[2] < best) best = node[2];
            break;
        }
        uint32_t at = (uint8_t)text.bytes[i] - (node[1] & 0xffff);
        if (at >= node[1] >> 16) break;
        uint32_t child = table[node[0] + at];
        if (!child) break;
        node = nodes + 4 * (size_t)child;
    }
    return best == TABLE_NO ? table[3] : best & 0xffff;
}

/* A byte a state. Runs the automaton; an accepting state says which arm is taken if the text ends there. */
static uint32_t segment_automaton(const uint32_t *table, struct text text)
{
    const uint8_t *classes = (const uint8_t *)(table + 5);
    uint32_t states = table[2], width = table[4], state = 0;
    const uint32_t *accepts = table + 5 + AUTOMATON_CLASS_WORDS, *next = accepts + states;
    for (uint32_t i = 0; i < text.length; i++) {
        uint32_t at = state * width + classes[(uint8_t)text.bytes[i]];
        state = next[at / 2] >> 16 * (at % 2) & 0xffff;
        if (state == AUTOMATON_DEAD) return table[3];
    }
    return accepts[state] == TABLE_NO ? table[3] : accepts[state] & 0xffff;
}

uint32_t op_segment(struct vm *vm, uint64_t word, uint32_t number)
{
    const uint32_t *table = vm->image->tables + vm->image->tables[1 + number];
    char inlined[8];
    vm->fuel--;
    if (table[0] == TABLE_RANGES) return segment_range(table, (int64_t)word);
    struct text text = vm_text(vm, word, inlined);
    vm->fuel -= text.length / FUEL_MATCH;
    const struct dense *dense = vm->image->dense[number];
    if (dense) return dense_target(dense, text.bytes, text.length);
    return table[0] == TABLE_TEXT ? segment_text(table, text) : segment_automaton(table, text);
}
