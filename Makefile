# Commands of the project; "make help" lists them. What each does is in config/stack.
SHELL := /bin/bash
.DEFAULT_GOAL := help
STACK := config/stack/bootstrap
PYTHON_STACK := PYTHONPATH=config .venv/bin/python -m stack

.PHONY: help run stop logs test bench lint docs i18n clean lock

help: ## List the commands 列出命令
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Install, migrate, load the demo city, start the portal (PORT=5000 HOST=127.0.0.1 DEMO=yes) 启动门户
	@$(STACK) run

stop: ## Stop what "make run" started, nothing else 停止
	@if [ -x .venv/bin/python ]; then $(PYTHON_STACK) stop; else echo "没有在运行 Nothing was running"; fi

logs: ## Follow the logs 跟踪日志
	@if [ -x .venv/bin/python ]; then $(PYTHON_STACK) logs; else echo "请先运行 make run. Run make run first." >&2; exit 1; fi

test: ## Run every check: lint, laws, docs, unit, integration, browser, packaging (TESTS=file for a part) 全部测试
	@$(STACK) test

bench: ## Measure against the peers, into var/bench.json (ROWS=pattern for a part) 性能对比
	@$(STACK) bench

lint: ## Lint and check the import laws 代码检查
	@$(STACK) lint

docs: ## Build the documentation into site/ 生成文档
	@$(STACK) docs

i18n: ## Refresh the translation catalogues from the code 更新译文目录
	@$(STACK) i18n

clean: ## Delete var/, after asking 删除数据（先询问）
	@if [ -x .venv/bin/python ]; then $(PYTHON_STACK) clean; else echo "没有数据可删 Nothing to delete"; fi

lock: ## Make the locked requirements anew from pyproject.toml 重新锁定依赖
	@$(STACK) lock
