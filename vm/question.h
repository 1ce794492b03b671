/* vm/question.h - The numbers of questions.def, used in ASK instructions and by the host that answers. */
#pragma once

/* QUESTION_agent_ready, ... */
enum question_number {
#define QUESTION(name, number, of, argument, result, doc) QUESTION_##name = number,
#include "vm/questions.def"
};
