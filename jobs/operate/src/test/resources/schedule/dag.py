"""Reads a DAG file without Airflow: compiles it, holds its calls to known names, prints its commands."""

import ast
import json
import sys

# Names of Airflow 2.4 to 3, as its reference lists them.
KNOWN = {
    "DAG": {"dag_id", "description", "schedule", "start_date", "catchup", "max_active_runs", "default_args", "tags"},
    "BashOperator": {"task_id", "bash_command", "retries", "retry_delay", "execution_timeout", "env", "append_env"},
}
DEFAULTS = {"retries", "retry_delay", "execution_timeout", "owner", "email_on_failure"}

with open(sys.argv[1], encoding="utf-8") as file:
    tree = ast.parse(file.read())
compile(tree, sys.argv[1], "exec")

problems = []
seen = set()
for node in ast.walk(tree):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KNOWN:
        seen.add(node.func.id)
        for keyword in node.keywords:
            if keyword.arg not in KNOWN[node.func.id]:
                problems.append(f"{node.func.id} has no {keyword.arg}")
            if keyword.arg == "default_args" and isinstance(keyword.value, ast.Dict):
                for key in keyword.value.keys:
                    if ast.literal_eval(key) not in DEFAULTS:
                        problems.append(f"default_args has no {ast.literal_eval(key)}")
problems += [f"no {name}" for name in KNOWN if name not in seen]

# The parts that do not need Airflow are run as they are.
own = [node for node in tree.body if isinstance(node, (ast.Assign, ast.FunctionDef))]
names = {}
exec(compile(ast.Module(own, []), sys.argv[1], "exec"), names)
commands = [names["command"](action, settings) for action, settings in names["COURSE"].items()]
print(json.dumps({"problems": problems, "commands": commands}))
