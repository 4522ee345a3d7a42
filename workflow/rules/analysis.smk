# Analysis: the tables and plots of each benchmark. They read its logs once, through the two files of `summarise`.
ANALYSIS_FOLDER = layout.benchmark_folder(ANALYSIS_ROOT, "{benchmark}")


rule summarise:
    input:
        summarised,
        settings=lambda w: layout.experiment_config_file(INTERACTIONS[w.benchmark].folder),
    output:
        summary=f"{ANALYSIS_FOLDER}/summary.csv",
        curves=f"{ANALYSIS_FOLDER}/curves.csv",
    log:
        layout.job_log(ANALYSIS_ROOT, "summarise_{benchmark}"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        folder=lambda w, input: os.path.dirname(input.settings),
        options=summary_options,
    shell:
        "python -m colosseum summarise {params.folder:q} -o {output.summary:q} --curves {output.curves:q} > {log:q} 2>&1"
        " {params.options}"


# One file that answers: what a run ends with, and the first item of the report.
rule page:
    input:
        summaries=expand(f"{ANALYSIS_FOLDER}/summary.csv", benchmark=shown(BENCHMARKS) + shown(OPTIMISATIONS)),
        curves=expand(f"{ANALYSIS_FOLDER}/curves.csv", benchmark=shown(BENCHMARKS)),
        hardness=expand(f"{ANALYSIS_FOLDER}/hardness.csv", benchmark=shown(BENCHMARKS)),
        tuning=expand(f"{ANALYSIS_FOLDER}/tuning.csv", benchmark=shown(OPTIMISATIONS)),
        selections=selections,
    output:
        report(
            f"{ANALYSIS_ROOT}/index.html",
            caption="../report/page.rst",
            category="All benchmarks",
            labels={"page": "Results page"},
        ),
    log:
        layout.job_log(ANALYSIS_ROOT, "page"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        configuration=configuration_text(),
        files=[os.path.relpath(file) for file in workflow.configfiles],
    shell:
        "python -m colosseum page {input.summaries:q} -o {output:q} --configuration {params.configuration:q}"
        " --configfile {params.files:q} > {log:q} 2>&1"


rule table_overview:
    input:
        expand("{root}/{benchmark}/summary.csv", root=ANALYSIS_ROOT, benchmark=shown(BENCHMARKS)),
    output:
        f"{ANALYSIS_ROOT}/overview.html",
    log:
        layout.job_log(ANALYSIS_ROOT, "table_overview"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    shell:
        "python -m colosseum table {input:q} --kind overview -o {output:q} 2> {log:q}"


rule tuning:
    input:
        all_runs,
    output:
        f"{ANALYSIS_FOLDER}/tuning.csv",
    log:
        layout.job_log(ANALYSIS_ROOT, "tuning_{benchmark}"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        folders=lambda w: [stage.folder for stage in stages_of(w.benchmark)],
        options=tuning_options,
    shell:
        "python -m colosseum tuning {params.folders:q} -o {output:q} > {log:q} 2>&1 {params.options}"


for _kind, _title in {**TABLES, **KINDS_OF_OPTIMISATIONS["tables"]}.items():

    rule:
        name:
            f"table_{_kind}"
        input:
            summary=f"{ANALYSIS_FOLDER}/summary.csv",
            tuning=f"{ANALYSIS_FOLDER}/tuning.csv" if _kind in FROM_ALL_RUNS else [],
        output:
            report(
                f"{ANALYSIS_FOLDER}/tables/{_kind}.html",
                caption=f"../report/table_{_kind}.rst",
                category=title_of,
                subcategory="Tables",
                labels={"table": _title},
            ),
            f"{ANALYSIS_FOLDER}/tables/{_kind}.tex",
            f"{ANALYSIS_FOLDER}/tables/{_kind}.csv",
        log:
            layout.job_log(ANALYSIS_ROOT, f"table_{_kind}_{{benchmark}}"),
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            kind=_kind,
        shell:
            "python -m colosseum table {input.summary:q} --kind {params.kind} -o {output:q} 2> {log:q}"


for _kind, _title in {**PLOTS, **KINDS_OF_OPTIMISATIONS["plots"]}.items():

    rule:
        name:
            f"plot_{_kind}"
        input:
            summary=f"{ANALYSIS_FOLDER}/summary.csv",
            curves=f"{ANALYSIS_FOLDER}/curves.csv",
            # found beside the summary by the plot that places environments by their hardness
            hardness=f"{ANALYSIS_FOLDER}/hardness.csv" if _kind == "hardness_space" else [],
            tuning=f"{ANALYSIS_FOLDER}/tuning.csv" if _kind in FROM_ALL_RUNS else [],
        output:
            report(
                f"{ANALYSIS_FOLDER}/plots/{_kind}.svg",
                caption=f"../report/plot_{_kind}.rst",
                category=title_of,
                subcategory="Plots",
                labels={"plot": _title},
            ),
            f"{ANALYSIS_FOLDER}/plots/{_kind}.png",
            f"{ANALYSIS_FOLDER}/plots/{_kind}.pdf",
        log:
            layout.job_log(ANALYSIS_ROOT, f"plot_{_kind}_{{benchmark}}"),
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            kind=_kind,
            # the landscape shows what the selection compared
            options=(
                "--indicator {indicator} --reduce-seeds {reduce_seeds}".format(**STUDY.configuration["selection"])
                if _kind == "hyperparameters"
                else ""
            ),
        shell:
            "python -m colosseum plot {input.summary:q} --curves {input.curves:q} --kind {params.kind} {params.options}"
            " -o {output:q} 2> {log:q}"
