// A small Python package in C: C's library, what the compiler brings along, exceptions and an abort.

#include <Python.h>
#include <stdlib.h>

static int by_weight(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

static PyObject *sorted(PyObject *module, PyObject *weights) {
    Py_ssize_t count = PySequence_Size(weights);
    if (count < 0) return NULL;
    if (count == 0) return PyErr_Format(PyExc_ValueError, "nothing is on the scales");
    double *numbers = malloc(count * sizeof(double));
    if (!numbers) return PyErr_NoMemory();
    for (Py_ssize_t at = 0; at < count; at++) {
        PyObject *each = PySequence_GetItem(weights, at);
        numbers[at] = each ? PyFloat_AsDouble(each) : 0;
        Py_XDECREF(each);
    }
    qsort(numbers, count, sizeof(double), by_weight);
    PyObject *list = PyErr_Occurred() ? NULL : PyList_New(count);
    for (Py_ssize_t at = 0; list && at < count; at++) PyList_SET_ITEM(list, at, PyFloat_FromDouble(numbers[at]));
    free(numbers);
    return list;
}

// Of a product of 128 bits, the upper half.
static PyObject *upper(PyObject *module, PyObject *number) {
    unsigned long long value = PyLong_AsUnsignedLongLong(number);
    if (PyErr_Occurred()) return NULL;
    return PyLong_FromUnsignedLongLong((unsigned __int128)value * value >> 64);
}

static PyObject *tip_over(PyObject *module, PyObject *nothing) { abort(); }

static PyMethodDef functions[] = {
    {"sorted", sorted, METH_O, NULL},
    {"upper", upper, METH_O, NULL},
    {"tip_over", tip_over, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "scales", .m_size = -1, .m_methods = functions};

PyMODINIT_FUNC PyInit_scales(void) { return PyModule_Create(&definition); }
