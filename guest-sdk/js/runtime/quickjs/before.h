/* Included before everything else of QuickJS. It compiles its check of the stack away where `__wasi__` is defined, so
   that endless recursion would be a trap instead of a RangeError. What needs the name is included here before it goes. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>
#include <math.h>
#include <unistd.h>
#include <sys/time.h>
#undef __wasi__
