"""The flags of computing with floating-point numbers, which WebAssembly does not have, for packages that raise some by themselves.

numpy tells so that a matrix is singular. Flags that a machine would raise while it computes are never raised.
"""

# A variable of the environment: the module of a package that keeps the flags for all of its others.
MODULE = "ISOLET_FLOAT_FLAGS"

# Where the header is that packages take in place of C's own.
FOLDER = "floats"
NAME = "isolet_float_flags"
OBJECT = "flags.o"

SOURCE = f"int {NAME} = 0;\n"
HEADER = f"""\
#ifndef ISOLET_FENV_H
#define ISOLET_FENV_H
#include_next <fenv.h>
#define FE_INVALID 1
#define FE_DIVBYZERO 4
#define FE_OVERFLOW 8
#define FE_UNDERFLOW 16
#define FE_INEXACT 32
#undef FE_ALL_EXCEPT
#define FE_ALL_EXCEPT 61
#ifdef __cplusplus
extern "C" {{
#endif
extern int {NAME};
static inline int isolet_feclearexcept(int which) {{ {NAME} &= ~which; return 0; }}
static inline int isolet_feraiseexcept(int which) {{ {NAME} |= which; return 0; }}
static inline int isolet_fetestexcept(int which) {{ return {NAME} & which; }}
#ifdef __cplusplus
}}
#endif
#define feclearexcept isolet_feclearexcept
#define feraiseexcept isolet_feraiseexcept
#define fetestexcept isolet_fetestexcept
#endif
"""
