# For CMake's --toolchain: zig's clang for WebAssembly, of the Python that `pip install ziglang` was for. Another clang
# with WASI's libraries is taken with -DCMAKE_C_COMPILER=... and -DCMAKE_CXX_COMPILER=... instead.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)

find_program(ISOLET_PYTHON NAMES python3 python REQUIRED)
if(NOT CMAKE_C_COMPILER)
  set(CMAKE_C_COMPILER ${ISOLET_PYTHON} -m ziglang cc)
endif()
if(NOT CMAKE_CXX_COMPILER)
  set(CMAKE_CXX_COMPILER ${ISOLET_PYTHON} -m ziglang c++)
endif()
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)

# What is tried while CMake looks at the compiler is no reactor.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_CXX_FLAGS_INIT "-fno-exceptions")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-mexec-model=reactor -Wl,-z,stack-size=262144")
set(CMAKE_EXECUTABLE_SUFFIX_C ".wasm")
set(CMAKE_EXECUTABLE_SUFFIX_CXX ".wasm")
