# Programs from outside Python that tests use, the check against rliable and the README's pictures; included by the Makefile.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
apt-install = { echo "installing Debian's $(1), in the versions that it has"; $(AS_ROOT) apt-get update -qq && \
	$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; }
OTHER_PACKAGES := chromium texlive-latex-base texlive-latex-recommended rsync

.PHONY: other-tools lock-rliable pictures
RLIABLE := build/rliable
RLIABLE_LOCK := tests/analysis/rliable.lock
RLIABLE_PACKAGES := rliable==1.2.0 'pandas<3' 'numpy<2.3' setuptools
PICTURES_OF ?= benchmark_continuous_communicating
PICTURE_SIZE := 1280,600
PICTURES := aggregate_intervals hardness_space performance_profile regret_curves

# A browser and a LaTeX for the tests that open the report and compile the tables, and rsync, with which the storage
# plugin fs copies; without them those tests skip, with a reason.
other-tools:  ## install what some tests need from outside Python (they skip without it)
	@if command -v chromium >/dev/null && command -v pdflatex >/dev/null && command -v rsync >/dev/null; then :; \
	elif ! command -v apt-get >/dev/null || { [ -n "$(AS_ROOT)" ] && ! command -v sudo >/dev/null; }; then \
	    echo "no right to install $(OTHER_PACKAGES): the tests that need them are skipped" >&2; \
	else \
	    $(call apt-install,$(OTHER_PACKAGES)) \
	    || echo "$(OTHER_PACKAGES) could not be installed: the tests that need them are skipped" >&2; \
	fi

# rliable does not import with the versions of requirements.lock: it gets an environment of its own, and its fresh figures
# are compared like the recorded ones
$(RLIABLE)/.ready: $(RLIABLE_LOCK) | $(READY)
	@$(NEEDS_PYTHON)
	$(PYTHON) -m venv --clear $(RLIABLE)
	$(UV_INSTALL) --python $(RLIABLE)/bin/python --require-hashes -r $(RLIABLE_LOCK) \
	    || $(RLIABLE)/bin/python $(PIP_INSTALL) --require-hashes -r $(RLIABLE_LOCK)
	@touch $@

lock-rliable: $(READY)  ## pin the versions of the environment that rliable is compared in
	printf '%s\n' $(RLIABLE_PACKAGES) | $(BIN)/uv pip compile - --python-version 3.11 --upgrade \
	    $(LOCK_FORM) -o $(RLIABLE_LOCK)

# the README's pictures, from the study that STUDY names; what is already computed is not computed again. The default study
# takes five minutes on two cores. The curves are of learning regret and the aggregates of both, which docs/analysis.md then
# says. The results page is taken as a window of Debian's Chromium first shows it
pictures: run other-tools  ## run the study (minutes) and renew the picture of its results page and those of its plots
	@$(ANALYSIS) && for kind in $(PICTURES); do \
	        cp "$$folder/$(PICTURES_OF)/plots/$$kind.png" docs/pictures/ || exit 1; \
	    done && chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size=$(PICTURE_SIZE) \
	        --virtual-time-budget=20000 --screenshot=docs/pictures/page.png "file://$$(realpath "$$folder/index.html")"
