# Found by `find_package(isolet)`: the SDK's sources, as the target `isolet::isolet`.

if(NOT TARGET isolet::isolet)
  set(ISOLET_FOLDER ${CMAKE_CURRENT_LIST_DIR})
  file(GLOB ISOLET_SOURCES
    ${ISOLET_FOLDER}/src/*.c ${ISOLET_FOLDER}/bindings/*.c ${ISOLET_FOLDER}/vendor/yyjson/*.c)
  add_library(isolet_objects OBJECT ${ISOLET_SOURCES})
  target_compile_features(isolet_objects PRIVATE c_std_11)
  add_library(isolet INTERFACE)
  add_library(isolet::isolet ALIAS isolet)
  foreach(folder include bindings vendor/yyjson)
    target_include_directories(isolet_objects PRIVATE ${ISOLET_FOLDER}/${folder})
    target_include_directories(isolet SYSTEM INTERFACE ${ISOLET_FOLDER}/${folder})
  endforeach()
  target_sources(isolet INTERFACE $<TARGET_OBJECTS:isolet_objects>)
endif()
