/* runtime/twin/doors.h - The doors of gcxtwin: what a change goes through before it has callers. */
#pragma once

/* Each reads its command line, whose first word is the door's, and returns the process's exit code (exits.def). */
int what_if_main(int argc, char **argv);
int shadow_main(int argc, char **argv);
