"""The Jupyter project's own test of kernels, on this one. Run with JUPYTER_DATA_DIR set to where it is installed."""
import unittest

import jupyter_kernel_test

# Machines that build and test have little to spare: an answer that is late is not wrong.
jupyter_kernel_test.TIMEOUT = 120


class CSharpKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = ".net-csharp"
    language_name = "C#"
    file_extension = ".cs"
    code_hello_world = 'Console.WriteLine("hello, world");'
    code_stderr = 'Console.Error.WriteLine("oops");'
    completion_samples = [{"text": "Console.ReadK", "matches": {"ReadKey"}}, {"text": "Math.Sqr", "matches": {"Sqrt"}}]
    complete_code_samples = ["1 + 1", "var x = 1;", "class A { }", "int F() => 1;"]
    incomplete_code_samples = ["class A {", "F(", "if (true) {"]
    invalid_code_samples = ["class { }", "1 + ;"]
    code_generate_error = 'throw new Exception("x");'
    code_execute_result = [{"code": "1 + 2", "result": "3"}, {"code": "await Task.FromResult(7)", "result": "7"}]
    code_display_data = [
        {"code": 'display(HTML("<b>x</b>"));', "mime": "text/html"},
        {"code": 'SVG("<svg xmlns=\'http://www.w3.org/2000/svg\'/>").Display();', "mime": "image/svg+xml"},
        {"code": '"{}".DisplayAs("application/json");', "mime": "application/json"},
        {"code": "display(new[] { new { A = 1 } });", "mime": "text/html"},
    ]
    code_history_pattern = "1 +*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Console.WriteLine"


if __name__ == "__main__":
    unittest.main(verbosity=2)
